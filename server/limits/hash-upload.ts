import type { Hmac } from "node:crypto";
import { Transform } from "node:stream";

/**
 * Passes a body through and hashes it on the way, without its multipart boundary: clients choose a
 * new one each time they send the same form.
 */
export function hashUpload(hash: Hmac, contentType: string | undefined): Transform {
  const mark = boundaryOf(contentType);
  let rest = Buffer.alloc(0);
  const feed = (chunk: Buffer): void => {
    if (!mark) {
      hash.update(chunk);
      return;
    }
    let text = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark)) {
      hash.update(text.subarray(0, at)).update("\n--\n");
      text = text.subarray(at + mark.length);
    }
    // The mark may be cut in two by the edge of a chunk.
    const kept = Math.min(text.length, mark.length - 1);
    hash.update(text.subarray(0, text.length - kept));
    rest = Buffer.from(text.subarray(text.length - kept));
  };
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      feed(chunk);
      done(null, chunk);
    },
    flush(done) {
      hash.update(rest);
      done();
    },
  });
}

function boundaryOf(contentType: string | undefined): Buffer | undefined {
  const match = /^multipart\/[^;]+;.*?boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType ?? "");
  const boundary = match?.[1] ?? match?.[2];
  return boundary ? Buffer.from(`--${boundary}`) : undefined;
}
