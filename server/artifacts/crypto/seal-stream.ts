import { Transform } from "node:stream";
import { Chunker } from "./chunker";
import { CHUNK_BYTES, newMessageKeys, sealChunk } from "./cobblestone";

/** Seals what passes, holding 16 KiB at most. `context` names the place the bytes belong to. */
export function sealStream(key: Buffer, context: string): Transform {
  const keys = newMessageKeys(key, context);
  const chunker = new Chunker(CHUNK_BYTES);
  let chunk = 0;
  let begun = false;
  const header = (): Buffer[] => {
    if (begun) return [];
    begun = true;
    return [keys.header];
  };
  return new Transform({
    transform(data: Buffer, _encoding, done) {
      const out = header();
      for (const piece of chunker.push(data)) out.push(...sealChunk(keys, chunk++, piece));
      done(null, out.length > 0 ? Buffer.concat(out) : undefined);
    },
    flush(done) {
      // The last chunk is short, even if empty: a cut at a chunk's border shows.
      done(null, Buffer.concat([...header(), ...sealChunk(keys, chunk, chunker.rest())]));
    },
  });
}
