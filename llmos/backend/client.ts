/** Where the backend is, such as `http://127.0.0.1:8420`, and the token that it asks for beyond loopback. */
export interface Client {
  baseUrl: string;
  token?: string;
}

/** `idempotencyKey`: the same request with the same key is done only once. */
export interface Options {
  signal?: AbortSignal;
  idempotencyKey?: string;
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

async function send(
  client: Client,
  method: string,
  path: string,
  query: Record<string, string | undefined>,
  body: unknown,
  options: Options,
): Promise<unknown> {
  const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const search = given.length > 0 ? `?${new URLSearchParams(given)}` : "";
  const headers: Record<string, string> = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (client.token !== undefined) headers["Authorization"] = `Bearer ${client.token}`;
  if (options.idempotencyKey !== undefined) headers["Idempotency-Key"] = options.idempotencyKey;
  const response = await fetch(client.baseUrl.replace(/\/+$/, "") + path + search, {
    method,
    headers,
    body: body === undefined ? null : JSON.stringify(body),
    signal: options.signal ?? null,
  });
  const text = await response.text();
  if (!response.ok) {
    const wait = response.headers.get("Retry-After");
    throw new Problem(response.status, problem(text), wait === null ? undefined : Number(wait));
  }
  return text === "" ? undefined : JSON.parse(text);
}

function problem(text: string): Partial<ProblemDocument> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
