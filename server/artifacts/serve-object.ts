import { Readable } from "node:stream";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { type ByteRange, parseByteRange } from "./byte-range";
import { attachment } from "./content-disposition";
import { openObject, type StoredObject } from "./open-object";

/**
 * Answers a download: whole (200), one range (206), unchanged (304) or range_not_satisfiable (416).
 * The content is always a download that a browser neither guesses about nor runs.
 */
export async function serveObject(
  ctx: Pick<Context, "workspaceId" | "ports">,
  request: Request,
  object: StoredObject,
  as: { fileName: string; contentType: string },
): Promise<Response> {
  const etag = `"${object.sha256}"`;
  const headers = new Headers({
    "content-type": as.contentType,
    "content-disposition": attachment(as.fileName),
    "content-security-policy": "sandbox; default-src 'none'",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "private, no-store",
    "accept-ranges": "bytes",
    etag,
  });
  if (matches(request.headers.get("if-none-match"), etag)) {
    return new Response(null, { status: 304, headers });
  }
  const range = wantedRange(request, etag, object.sizeBytes);
  const lengthBytes = range ? range.end - range.start + 1 : object.sizeBytes;
  headers.set("content-length", String(lengthBytes));
  if (range) headers.set("content-range", `bytes ${range.start}-${range.end}/${object.sizeBytes}`);
  const status = range ? 206 : 200;
  // Hono answers HEAD through the GET route; nobody would read a stream opened for it.
  if (request.method === "HEAD") return new Response(null, { status, headers });
  const stream = await openObject(ctx, object, range);
  return new Response(Readable.toWeb(stream) as ReadableStream<Uint8Array>, { status, headers });
}

function wantedRange(request: Request, etag: string, sizeBytes: number): ByteRange | undefined {
  // If-Range asks for the part only while the content is still the one it began with.
  const ifRange = request.headers.get("if-range");
  if (ifRange !== null && ifRange.trim() !== etag) return undefined;
  const range = parseByteRange(request.headers.get("range"), sizeBytes);
  if (range === "unsatisfiable") {
    throw new AppError("range_not_satisfiable", `The content has ${sizeBytes} bytes.`, {
      sizeBytes,
    });
  }
  return range;
}

const matches = (header: string | null, etag: string): boolean =>
  (header ?? "")
    .split(",")
    .some((one) => one.trim() === "*" || one.trim().replace(/^W\//, "") === etag);
