import { AppError } from "@/server/kernel/errors";
import { checkJsonShape } from "./check-json";

/** The bytes of a JSON body, at most `bytesMax`, neither too deep nor of too many keys. */
export async function readJsonBytes(request: Request, bytesMax: number): Promise<Buffer> {
  const tooLarge = () =>
    new AppError("payload_too_large", `The body may hold ${bytesMax} bytes at most.`);
  if (Number(request.headers.get("content-length") ?? 0) > bytesMax) throw tooLarge();
  if (!request.body) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.length;
    if (size > bytesMax) throw tooLarge();
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  checkJsonShape(bytes);
  return bytes;
}
