// The REST client: one call, one answer or one error. Three errors only: `Problem` (the server
// refused), `Unreachable` (no answer came), `SignedOut` (there is no valid token any more).

import { observe } from "./clock";
import type { FieldError } from "./protocol";

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly errors: readonly FieldError[],
    /** All members of the problem document, for the few codes that carry more. */
    readonly members: Readonly<Record<string, unknown>>,
    readonly retry_after_s: number | null,
  ) {
    super(detail);
  }

  /** True when the same request may succeed a little later. */
  get passing(): boolean {
    return this.status === 429 || this.status >= 500;
  }
}

export class Unreachable extends Error {}
export class SignedOut extends Error {}

/** Gives a token; with `renew` one that is newer than the last one given. */
export type TokenSource = (renew: boolean) => Promise<string>;

export interface Extra {
  idempotency_key?: string;
  signal?: AbortSignal;
  /** What is wanted instead of JSON. */
  accept?: string;
}

export class Rest {
  constructor(
    private readonly base: string,
    private readonly token: TokenSource | null = null,
  ) {}

  get<T>(path: string, extra?: Extra): Promise<T> {
    return this.call<T>("GET", path, undefined, extra);
  }

  /** Reads what is a text and no object. */
  text(path: string): Promise<string> {
    return this.answer("GET", path, undefined, { accept: "text/plain" });
  }

  post<T>(path: string, body?: unknown, extra?: Extra): Promise<T> {
    return this.call<T>("POST", path, body, extra);
  }

  put<T>(path: string, body: unknown): Promise<T> {
    return this.call<T>("PUT", path, body);
  }

  patch<T>(path: string, body: unknown): Promise<T> {
    return this.call<T>("PATCH", path, body);
  }

  delete<T>(path: string): Promise<T> {
    return this.call<T>("DELETE", path, undefined);
  }

  private async call<T>(method: string, path: string, body: unknown, extra?: Extra): Promise<T> {
    const text = await this.answer(method, path, body, extra);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }

  private async answer(
    method: string,
    path: string,
    body: unknown,
    extra?: Extra,
  ): Promise<string> {
    if (this.token === null) return this.once(method, path, body, null, extra);
    try {
      return await this.once(method, path, body, await this.token(false), extra);
    } catch (error) {
      const stale = error instanceof Problem && error.status === 401;
      if (!stale) throw error;
      return this.once(method, path, body, await this.token(true), extra);
    }
  }

  private async once(
    method: string,
    path: string,
    body: unknown,
    token: string | null,
    extra: Extra = {},
  ): Promise<string> {
    const headers: Record<string, string> = { accept: extra.accept ?? "application/json" };
    if (body !== undefined) headers["content-type"] = "application/json";
    if (token !== null) headers["authorization"] = `Bearer ${token}`;
    if (extra.idempotency_key !== undefined) headers["idempotency-key"] = extra.idempotency_key;

    const request: RequestInit = { method, headers, credentials: "omit" };
    if (body !== undefined) request.body = JSON.stringify(body);
    if (extra.signal !== undefined) request.signal = extra.signal;

    let response: Response;
    let text: string;
    try {
      response = await fetch(this.base + path, request);
      text = await response.text();
    } catch (error) {
      throw new Unreachable(String(error));
    }
    observe(response.headers.get("date"));
    if (!response.ok) {
      throw problemOf(response.status, text, response.headers.get("retry-after"));
    }
    return text;
  }
}

/** Returns the error that an answer is. */
export function problemOf(status: number, text: string, retry_header: string | null): Problem {
  let members: Record<string, unknown> = {};
  try {
    members = JSON.parse(text) as Record<string, unknown>;
  } catch {
    // A proxy's own page; the status has to do.
  }
  const retry_after = Number(retry_header ?? NaN);
  return new Problem(
    status,
    typeof members["code"] === "string" ? members["code"] : "unknown",
    typeof members["detail"] === "string" ? members["detail"] : `HTTP ${status}`,
    Array.isArray(members["errors"]) ? (members["errors"] as FieldError[]) : [],
    members,
    Number.isFinite(retry_after) ? retry_after : null,
  );
}
