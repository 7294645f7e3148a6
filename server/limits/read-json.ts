import type { IncomingMessage } from "node:http";
import { AppError } from "@/server/kernel/errors";
import { checkJsonShape } from "./check-json";

/**
 * The bytes of a JSON body, at most `bytesMax`, neither too deep nor of too many keys. With `incoming`,
 * the Node request behind it, they come without the detour over a web stream.
 */
export async function readJsonBytes(
  request: Request,
  bytesMax: number,
  incoming?: IncomingMessage,
): Promise<Buffer> {
  const bytes = await readBytes(request, bytesMax, incoming);
  checkJsonShape(bytes);
  return bytes;
}

/** The bytes of a body of any kind. Throws payload_too_large beyond `bytesMax`. */
export async function readBytes(
  request: Request,
  bytesMax: number,
  incoming?: IncomingMessage,
): Promise<Buffer> {
  if (Number(request.headers.get("content-length") ?? 0) > bytesMax) throw tooLarge(bytesMax);
  return incoming ? collect(incoming, bytesMax) : collectWeb(request.body, bytesMax);
}

const tooLarge = (bytesMax: number) =>
  new AppError("payload_too_large", `The body may hold ${bytesMax} bytes at most.`);

async function collectWeb(body: Request["body"], bytesMax: number): Promise<Buffer> {
  if (!body) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > bytesMax) throw tooLarge(bytesMax);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function collect(incoming: IncomingMessage, bytesMax: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const cut = () => reject(new AppError("bad_request", "The body did not come whole."));
    const take = (chunk: Buffer) => {
      size += chunk.length;
      if (size <= bytesMax) return void chunks.push(chunk);
      incoming.off("data", take).pause();
      reject(tooLarge(bytesMax));
    };
    incoming
      .on("data", take)
      .once("end", () => {
        incoming.off("close", cut);
        resolve(Buffer.concat(chunks));
      })
      .once("error", cut)
      .once("close", cut);
  });
}
