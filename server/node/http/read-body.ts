import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip, inflate } from "node:zlib";
import { badRequest, ProtocolError, quoted } from "@/server/protocols/open-inference/codec";

const unpack = { gzip: promisify(gunzip), deflate: promisify(inflate) } as const;

/** Bodies sent in tiny chunks are joined now and then: each chunk costs more than its bytes. */
const CHUNKS_MAX = 1024;

/**
 * The whole body, unpacked when it is gzip or deflate, at most `bytesMax` bytes before and after.
 * Rejects with ProtocolError 413 when it is longer and 400 when it is cut off or packed otherwise.
 */
export async function readBody(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const encoding = request.headers["content-encoding"];
  const body = await collect(request, bytesMax);
  if (encoding === undefined || encoding === "identity") return body;
  if (encoding !== "gzip" && encoding !== "deflate")
    throw badRequest(`content-encoding ${quoted(encoding)} is not supported, use gzip or deflate`);
  try {
    return await unpack[encoding](body, { maxOutputLength: bytesMax });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(bytesMax);
    throw badRequest(`the body is not valid ${encoding}`);
  }
}

function collect(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const declared = Number(request.headers["content-length"] ?? 0);
    if (declared > bytesMax) {
      request.resume();
      reject(tooLarge(bytesMax));
      return;
    }
    let chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.byteLength;
      if (bytes > bytesMax) {
        chunks = [];
        reject(tooLarge(bytesMax));
        return;
      }
      chunks.push(chunk);
      if (chunks.length > CHUNKS_MAX) chunks = [Buffer.concat(chunks)];
    });
    request.on("end", () => {
      const [only] = chunks;
      resolve(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, bytes));
    });
    request.on("close", () => {
      if (!request.complete) reject(badRequest("the connection closed before the body ended"));
    });
    request.on("error", () => reject(badRequest("the body could not be read")));
  });
}

function tooLarge(bytesMax: number): ProtocolError {
  return new ProtocolError(413, `the body is larger than the limit of ${bytesMax} bytes`);
}
