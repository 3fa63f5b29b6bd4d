/** Where the backend is, such as `http://127.0.0.1:8420`, and the token that it asks for beyond loopback. */
export interface Client {
  baseUrl: string;
  token?: string;
}

/**
 * `idempotencyKey`: the same request with the same key is done only once. `onNext` is told what `after` is for the next
 * page of a list, undefined after the last one.
 */
export interface Options {
  signal?: AbortSignal;
  idempotencyKey?: string;
  onNext?: (after: string | undefined) => void;
}

/** One field that does not fit. */
export interface FieldError {
  name: string;
  detail: string;
}

interface ProblemDocument {
  title: string;
  detail: string;
  errors: FieldError[];
}

/** What a request that was refused is rejected with (RFC 9457); nothing has changed then. */
export class Problem extends Error {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly errors: FieldError[];
  /** Seconds to wait before trying again, where the server says so. */
  readonly retryAfter: number | undefined;

  constructor(status: number, document: Partial<ProblemDocument>, retryAfter?: number) {
    super(document.detail ?? document.title ?? `The server answered ${status}.`);
    this.name = "Problem";
    this.status = status;
    this.title = document.title ?? "";
    this.detail = document.detail ?? "";
    this.errors = document.errors ?? [];
    this.retryAfter = retryAfter;
  }
}

type Query = Record<string, string | number | boolean | undefined>;

async function request(
  client: Client,
  method: string,
  path: string,
  query: Query,
  body: unknown,
  options: Options,
): Promise<Response> {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  const search = given.length > 0 ? `?${new URLSearchParams(given)}` : "";
  const headers: Record<string, string> = { Accept: "application/json" };
  const form = formOf(body);
  if (body !== undefined && form === undefined) headers["Content-Type"] = "application/json";
  if (client.token !== undefined) headers["Authorization"] = `Bearer ${client.token}`;
  if (options.idempotencyKey !== undefined) headers["Idempotency-Key"] = options.idempotencyKey;
  const response = await fetch(client.baseUrl.replace(/\/+$/, "") + path + search, {
    method,
    headers,
    body: form ?? (body === undefined ? null : JSON.stringify(body)),
    signal: options.signal ?? null,
  });
  if (!response.ok) {
    const wait = response.headers.get("Retry-After");
    throw new Problem(response.status, problem(await response.text()), wait === null ? undefined : Number(wait));
  }
  return response;
}

async function send(...asked: Parameters<typeof request>): Promise<unknown> {
  const response = await request(...asked);
  const next = /<([^>]*)>; rel="next"/.exec(response.headers.get("Link") ?? "")?.[1];
  asked[5].onNext?.(next === undefined ? undefined : (new URL(next, "http://x").searchParams.get("after") ?? undefined));
  const text = await response.text();
  return text === "" ? undefined : JSON.parse(text);
}

/** A body that holds files goes as a form, which is all text beside them. */
function formOf(body: unknown): FormData | undefined {
  const fields = typeof body === "object" && body !== null ? Object.entries(body) : [];
  const parts = fields.flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one) => [name, one]));
  if (!parts.some(([, value]) => value instanceof Blob)) return undefined;
  const form = new FormData();
  for (const [name, value] of parts) {
    if (value !== undefined) form.append(name, value instanceof Blob ? value : String(value));
  }
  return form;
}

function problem(text: string): Partial<ProblemDocument> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
