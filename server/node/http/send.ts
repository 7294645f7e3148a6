import type { ServerResponse } from "node:http";
import { type EncodedMessage, ProtocolError } from "@/server/protocols/open-inference/codec";

const ONE_WRITE_BYTES_MAX = 16_384;

/** Sends a whole body; `headers` are name, value, name, value. */
export function sendBody(
  response: ServerResponse,
  status: number,
  contentType: string,
  body: Buffer | string,
  headers: readonly string[] = [],
): void {
  if (response.headersSent || response.destroyed) return;
  const length = typeof body === "string" ? Buffer.byteLength(body) : body.byteLength;
  response.writeHead(status, [
    "content-type",
    contentType,
    "content-length",
    String(length),
    ...headers,
  ]);
  endWith(response, body);
}

/**
 * Ends a reply whose head is written. As text, head and body leave in one write; a buffer would be a
 * second part of a writev, which costs a small reply more than the copy. Latin-1 keeps every byte.
 */
export function endWith(response: ServerResponse, body: Buffer | string): void {
  if (typeof body !== "string" && body.byteLength < ONE_WRITE_BYTES_MAX)
    response.end(body.toString("latin1"), "latin1");
  else response.end(body);
}

export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  sendBody(response, status, "application/json", JSON.stringify(value));
}

/** The protocol's own error body. Anything but a ProtocolError says nothing about itself. */
export function sendError(response: ServerResponse, error: unknown): void {
  const known = error instanceof ProtocolError;
  const status = known ? error.status : 500;
  const message = known ? error.message : "internal error";
  const headers: string[] = [];
  if (known && error.retryAfterSeconds !== undefined)
    headers.push("retry-after", String(error.retryAfterSeconds));
  // The rest of a refused body is not worth reading: the connection ends with the reply.
  if (status === 413 || status === 408) headers.push("connection", "close");
  sendBody(response, status, "application/json", JSON.stringify({ error: message }), headers);
}

/** Headers that tell the reader of a message where its JSON ends. */
export function messageHeaders(message: EncodedMessage): { type: string; headers: string[] } {
  if (message.headerLength === undefined) return { type: "application/json", headers: [] };
  return {
    type: "application/octet-stream",
    headers: ["inference-header-content-length", String(message.headerLength)],
  };
}
