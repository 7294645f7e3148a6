import type { ServerResponse } from "node:http";
import { deflate, gzip } from "node:zlib";
import { sendBody, sendError } from "./send";

/** Smaller bodies cost more to pack than they save. */
const BYTES_MIN = 16_384;

/**
 * Sends the body as gzip or deflate when the caller accepts one and the body is large enough;
 * returns false when it did not.
 */
export function sendCompressed(
  response: ServerResponse,
  acceptEncoding: string | string[],
  contentType: string,
  body: Buffer,
  headers: readonly string[],
): boolean {
  if (body.byteLength < BYTES_MIN) return false;
  const accepted = String(acceptEncoding);
  const encoding = ["gzip", "deflate"].find((name) => accepts(accepted, name));
  if (encoding === undefined) return false;
  const pack = encoding === "gzip" ? gzip : deflate;
  pack(body, { level: 1 }, (error, packed) => {
    if (error !== null) sendError(response, error);
    else sendBody(response, 200, contentType, packed, [...headers, "content-encoding", encoding]);
  });
  return true;
}

function accepts(header: string, encoding: string): boolean {
  return header.split(",").some((entry) => {
    const [name, ...parameters] = entry.split(";").map((part) => part.trim().toLowerCase());
    return name === encoding && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });
}
