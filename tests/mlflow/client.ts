import type { TestServer } from "../support/http";

export interface Reply {
  status: number;
  body: Record<string, unknown>;
}

/** A bare HTTP client of the MLflow lane: what is sent is exactly what is written in the test. */
export function mlflowClient(server: TestServer, key: string, prefix = "/api/2.0") {
  const headers = { authorization: `Bearer ${key}` };
  const send = async (path: string, init: RequestInit): Promise<Reply> => {
    const reply = await fetch(`${server.url}${prefix}${path}`, {
      ...init,
      headers: { ...headers, ...(init.headers as Record<string, string> | undefined) },
    });
    const text = await reply.text();
    return { status: reply.status, body: text.startsWith("{") ? JSON.parse(text) : { text } };
  };
  const json = { "content-type": "application/json" };
  return {
    send,
    /** The body as it is written, for what parsing would round. */
    text: async (path: string): Promise<string> =>
      (await fetch(`${server.url}${prefix}${path}`, { headers })).text(),
    get: (path: string, args: Record<string, string | string[]> = {}) => {
      const query = new URLSearchParams(
        Object.entries(args).flatMap(([name, value]) =>
          [value].flat().map((one): [string, string] => [name, one]),
        ),
      );
      return send(query.size > 0 ? `${path}?${query}` : path, { method: "GET" });
    },
    post: (path: string, body: unknown) =>
      send(path, {
        method: "POST",
        headers: json,
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    patch: (path: string, body: unknown) =>
      send(path, { method: "PATCH", headers: json, body: JSON.stringify(body) }),
    delete: (path: string, body?: unknown) =>
      send(path, {
        method: "DELETE",
        ...(body === undefined ? {} : { headers: json, body: JSON.stringify(body) }),
      }),
    put: (path: string, body: string | Uint8Array<ArrayBuffer>) =>
      send(path, { method: "PUT", body, headers: { "content-type": "text/plain" } }),
  };
}
export type MlflowClient = ReturnType<typeof mlflowClient>;
