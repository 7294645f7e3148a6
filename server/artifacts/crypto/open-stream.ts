import { Transform } from "node:stream";
import type { ByteRange } from "../byte-range";
import { Chunker } from "./chunker";
import {
  CHUNK_BYTES,
  chunkOffset,
  HEADER_BYTES,
  lastChunkOf,
  type MessageKeys,
  NotAuthentic,
  openChunk,
  SEALED_CHUNK_BYTES,
  sealedSize,
} from "./cobblestone";

/** Which chunks hold wanted bytes; both ends included. `end` is the plain byte after the last one. */
export interface Span {
  firstChunk: number;
  lastChunk: number;
  start: number;
  end: number;
  plainBytes: number;
}

/** The chunks of a range, or all of them, the last short one included, so that a cut shows. */
export function spanOf(plainBytes: number, range?: ByteRange): Span {
  if (!range) {
    const lastChunk = lastChunkOf(plainBytes);
    return { firstChunk: 0, lastChunk, start: 0, end: plainBytes, plainBytes };
  }
  return {
    firstChunk: Math.floor(range.start / CHUNK_BYTES),
    lastChunk: Math.floor(range.end / CHUNK_BYTES),
    start: range.start,
    end: range.end + 1,
    plainBytes,
  };
}

/** Where a span's chunks lie in the sealed form; the header comes along with the first chunk. */
export const sealedRange = (span: Span): ByteRange => ({
  start: span.firstChunk === 0 ? 0 : chunkOffset(span.firstChunk),
  end: Math.min(chunkOffset(span.lastChunk + 1), sealedSize(span.plainBytes)) - 1,
});

export interface Opening {
  span: Span;
  /** Keys from the sealed form's first 56 bytes; throws NotAuthentic when they do not fit. */
  keysOf: (header: Buffer) => MessageKeys;
  /** Those bytes, where the span's first chunk is not the message's first. */
  header?: Buffer | undefined;
  /** What a stream fails with that is not authentic. */
  damaged: () => Error;
}

/**
 * Opens the chunks of a span, given from sealedRange's start to its end, and passes on the plain
 * bytes. Each chunk is checked before a byte of it is given; fewer or more bytes than the chunks
 * have fail too.
 */
export function openStream({ span, keysOf, header, damaged }: Opening): Transform {
  const opener = new Opener(span, keysOf);
  if (header) opener.begin(header);
  const give = (make: () => Buffer[], done: (error: Error | null, out?: Buffer) => void): void => {
    try {
      const out = Buffer.concat(make());
      done(null, out.length > 0 ? out : undefined);
    } catch (error) {
      done(error instanceof NotAuthentic ? damaged() : (error as Error));
    }
  };
  return new Transform({
    transform: (data: Buffer, _encoding, done) => give(() => opener.push(data), done),
    flush: (done) => give(() => opener.end(), done),
  });
}

class Opener {
  private readonly chunker = new Chunker(SEALED_CHUNK_BYTES);
  private keys: MessageKeys | undefined;
  private head: Buffer = Buffer.alloc(0);
  private chunk: number;

  constructor(
    private readonly span: Span,
    private readonly keysOf: (header: Buffer) => MessageKeys,
  ) {
    this.chunk = span.firstChunk;
  }

  begin(header: Buffer): void {
    this.keys = this.keysOf(header);
  }

  push(data: Buffer): Buffer[] {
    let rest = data;
    if (!this.keys) {
      this.head = Buffer.concat([this.head, data]);
      if (this.head.length < HEADER_BYTES) return [];
      this.begin(this.head.subarray(0, HEADER_BYTES));
      rest = this.head.subarray(HEADER_BYTES);
    }
    return this.chunker.push(rest).map((sealed) => this.open(sealed));
  }

  end(): Buffer[] {
    const rest = this.chunker.rest();
    const { lastChunk, plainBytes } = this.span;
    const isShort = lastChunk === lastChunkOf(plainBytes) && this.chunk === lastChunk;
    const out = isShort ? [this.open(rest)] : [];
    if (this.chunk !== lastChunk + 1 || (!isShort && rest.length > 0)) {
      throw new NotAuthentic("the end is missing");
    }
    return out;
  }

  private open(sealed: Buffer): Buffer {
    const { start, end, lastChunk } = this.span;
    if (!this.keys || this.chunk > lastChunk) throw new NotAuthentic("this is not what was sealed");
    const plain = openChunk(this.keys, this.chunk, sealed);
    const offset = this.chunk * CHUNK_BYTES;
    this.chunk += 1;
    return plain.subarray(Math.max(0, start - offset), Math.max(0, end - offset));
  }
}
