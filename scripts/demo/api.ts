import type { Product } from "./product";

/** A thin REST caller for the scripts; throws with the problem's own words. */
export class Api {
  constructor(readonly product: Product) {}

  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const isForm = body instanceof FormData;
    const reply = await fetch(`${this.product.url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.product.key}`,
        ...(body && !isForm ? { "content-type": "application/json" } : {}),
      },
      ...(body ? { body: isForm ? body : JSON.stringify(body) } : {}),
    });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${method} ${path} answered ${reply.status}: ${text}`);
    return JSON.parse(text) as T;
  }

  get = <T>(path: string) => this.call<T>("GET", path);
  post = <T>(path: string, body?: unknown) => this.call<T>("POST", path, body);
}
