import { createHash } from "node:crypto";
import { type Readable, Transform } from "node:stream";
import type { Context } from "@/server/kernel/context";
import type { ByteRange } from "./byte-range";
import { DamagedObject } from "./damaged-object";

/** What the books say about bytes in the store. */
export interface StoredObject {
  /** Lower-case hex. */
  sha256: string;
  sizeBytes: number;
}

/**
 * Bytes of an object. A whole read is hashed on the way; when it is not what was stored, the stream
 * fails before its last piece is given, so no reader takes a damaged object for a whole one.
 * Throws not_found when the store does not hold it.
 */
export async function openObject(
  ctx: Pick<Context, "workspaceId" | "ports">,
  object: StoredObject,
  range?: ByteRange,
): Promise<Readable> {
  const source = await ctx.ports.objects.get(ctx.workspaceId, object.sha256, range);
  if (range) return source;
  const check = checked(object);
  // pipe() alone hands on neither an error nor the reader's leaving.
  source.on("error", (error) => check.destroy(error));
  check.on("close", () => source.destroy());
  return source.pipe(check);
}

function checked(object: StoredObject): Transform {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  let held: Buffer | undefined;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      sizeBytes += chunk.length;
      const before = held;
      held = chunk;
      done(null, before);
    },
    flush(done) {
      const good = sizeBytes === object.sizeBytes && hash.digest("hex") === object.sha256;
      if (good) done(null, held);
      else done(new DamagedObject(object.sha256));
    },
  });
}
