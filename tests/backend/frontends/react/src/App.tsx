import { useEffect, useState } from "react";
import { listProducts, request, type Product } from "./api";

interface Review {
  id: number;
  stars: number;
  text: string;
}

export default function App() {
  const [products, setProducts] = useState<Product[]>([]);
  const [reviews, setReviews] = useState<Review[]>([]);
  const [text, setText] = useState("");
  const [stars, setStars] = useState(5);

  useEffect(() => {
    listProducts().then(setProducts);
    request<Review[]>("/reviews").then(setReviews);
    fetch("/api/stats").then((r) => r.json()).then((stats) => console.log(stats.total, stats.average));
  }, []);

  const send = async () => {
    const review = await request<Review>("/reviews", { method: "POST", body: JSON.stringify({ text, stars }) });
    setReviews([...reviews, review]);
  };

  const login = () => request("/login", { method: "POST", body: JSON.stringify({ user: "a", password: "b" }) });

  const like = (id: number) => request(`/reviews/${id}/like`, { method: "POST" });

  const comments = (id: number) => fetch(`/api/products/${id}/comments`);

  return (
    <main onClick={login}>
      {products.map((product) => (
        <p key={product.id}>
          {product.name} <b>{product.price}</b> {product.createdAt}
        </p>
      ))}
      {reviews.map((r) => (
        <blockquote onClick={() => like(r.id)}>{r.text}</blockquote>
      ))}
      <button onClick={() => comments(1)}>Comments</button>
    </main>
  );
}
