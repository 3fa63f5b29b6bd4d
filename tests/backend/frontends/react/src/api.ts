import axios from "axios";

export interface Product {
  id: string;
  name: string;
  price: number;
  kind: "book" | "record";
  tags: string[];
  createdAt: string;
  note?: string;
}

const client = axios.create({ baseURL: import.meta.env.VITE_API_URL ?? "/api" });

export const listProducts = () => client.get<Product[]>("/products").then((answer) => answer.data);
export const getProduct = (id: string) => client.get<Product>(`/products/${id}`);
export const addProduct = (product: Omit<Product, "id" | "createdAt">) => client.post("/products", product);
export const replaceProduct = (id: string, product: Product) => client.put(`/products/${id}`, product);
export const removeProduct = (id: string) => client.delete(`/products/${id}`);

export async function request<T>(path: string, options: RequestInit = {}): Promise<T> {
  const answer = await fetch(`/api${path}`, { headers: { Authorization: "Bearer x" }, ...options });
  return (await answer.json()) as T;
}
