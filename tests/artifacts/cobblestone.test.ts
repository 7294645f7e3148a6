import { createHash, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { ByteRange } from "@/server/artifacts/byte-range";
import {
  HEADER_BYTES,
  hkdfExpand,
  lastChunkOf,
  messageKeysOf,
  SEALED_CHUNK_BYTES,
  sealChunk,
  sealedSize,
} from "@/server/artifacts/crypto/cobblestone";
import { openStream, sealedRange, spanOf } from "@/server/artifacts/crypto/open-stream";
import { sealStream } from "@/server/artifacts/crypto/seal-stream";
import vectors from "./cobblestone-vectors.json" with { type: "json" };

const CHUNK = 16_384;
const key = Buffer.from(vectors.key, "hex");
const { context } = vectors;
const plainOf = (bytes: number) =>
  Buffer.from(Array.from({ length: bytes }, (_, i) => (i * 31 + 7) & 255));
const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

async function seal(plain: Buffer, pieceBytes = 70_000): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let at = 0; at < plain.length; at += pieceBytes) {
    pieces.push(plain.subarray(at, at + pieceBytes));
  }
  const parts: Buffer[] = [];
  await pipeline(Readable.from(pieces), sealStream(key, context), async (source) => {
    for await (const part of source) parts.push(part as Buffer);
  });
  return Buffer.concat(parts);
}

/** Opens as the store does: only what a range needs is handed over. */
async function open(
  sealed: Buffer,
  plainBytes: number,
  range?: ByteRange,
  opened = { key, context },
) {
  const span = spanOf(plainBytes, range);
  const { start, end } = sealedRange(span);
  const part = sealed.subarray(start, end + 1);
  const stream = openStream({
    span,
    keysOf: (header) => messageKeysOf(opened.key, header, opened.context),
    header: span.firstChunk === 0 ? undefined : sealed.subarray(0, HEADER_BYTES),
    damaged: () => new Error("damaged"),
  });
  return buffer(Readable.from(part.length > 0 ? [part] : []).pipe(stream));
}

it("opens and seals, byte for byte, what an independent implementation made", async () => {
  for (const { plainBytes, header, sealedSha256, sealed } of vectors.messages) {
    const plain = plainOf(plainBytes);
    const keys = messageKeysOf(key, Buffer.from(header, "hex"), context);
    const parts = [keys.header];
    for (let n = 0; n <= lastChunkOf(plainBytes); n += 1) {
      parts.push(...sealChunk(keys, n, plain.subarray(n * CHUNK, (n + 1) * CHUNK)));
    }
    const made = Buffer.concat(parts);
    expect({ plainBytes, sha256: sha256(made), size: made.length }).toEqual({
      plainBytes,
      sha256: sealedSha256,
      size: sealedSize(plainBytes),
    });
    expect((await open(made, plainBytes)).equals(plain)).toBe(true);
    if (sealed)
      expect((await open(Buffer.from(sealed, "hex"), plainBytes)).equals(plain)).toBe(true);
  }
});

it("expands keys as RFC 5869 says, beyond one block", () => {
  const [secret, salt, info] = [randomBytes(32), randomBytes(20), randomBytes(70)];
  const extracted = createHmac("sha512", salt).update(secret).digest();
  const expected = Buffer.from(hkdfSync("sha512", secret, salt, info, 200));
  expect(hkdfExpand(extracted, info, 200).equals(expected)).toBe(true);
});

it("opens what it sealed, however the bytes come in pieces, never twice the same", async () => {
  for (const bytes of [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 200_001]) {
    const plain = randomBytes(bytes);
    const sealed = await seal(plain, 7_001);
    expect(sealed.length).toBe(sealedSize(bytes));
    expect((await open(sealed, bytes)).equals(plain)).toBe(true);
    expect((await seal(plain)).equals(sealed)).toBe(false);
  }
});

it("opens any range from its own chunks alone", async () => {
  const plain = randomBytes(3 * CHUNK + 77);
  const sealed = await seal(plain);
  const edges = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 3 * CHUNK, plain.length - 1];
  for (const start of edges) {
    for (const end of edges.filter((one) => one >= start)) {
      const got = await open(sealed, plain.length, { start, end });
      expect(got.equals(plain.subarray(start, end + 1)), `${start}-${end}`).toBe(true);
    }
  }
});

it("refuses every single flipped byte and every cut of a small message", async () => {
  const plain = randomBytes(150);
  const sealed = await seal(plain);
  for (let at = 0; at < sealed.length; at += 1) {
    const flipped = Buffer.from(sealed);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
    await expect(open(flipped, 150), `byte ${at}`).rejects.toThrow();
    await expect(open(sealed.subarray(0, at), 150), `cut at ${at}`).rejects.toThrow();
  }
  await expect(open(Buffer.concat([sealed, Buffer.of(0)]), 151)).rejects.toThrow();
});

it("refuses flipped, cut, swapped, repeated and reordered chunks before giving one byte of them", async () => {
  const plain = randomBytes(5 * CHUNK + 1000);
  const sealed = await seal(plain);
  const chunks: Buffer[] = [];
  for (let at = HEADER_BYTES; at < sealed.length; at += SEALED_CHUNK_BYTES) {
    chunks.push(sealed.subarray(at, at + SEALED_CHUNK_BYTES));
  }
  const header = sealed.subarray(0, HEADER_BYTES);
  const order = fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(order, async (wanted) => {
      fc.pre(wanted.join() !== "0,1,2,3,4,5");
      const moved = Buffer.concat([header, ...wanted.map((n) => chunks[n] ?? Buffer.alloc(0))]);
      await expect(open(moved, plain.length)).rejects.toThrow();
    }),
    { numRuns: 60 },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.nat(sealed.length - 1),
      fc.integer({ min: 1, max: 255 }),
      async (at, bits) => {
        const flipped = Buffer.from(sealed);
        flipped[at] = (flipped[at] ?? 0) ^ bits;
        await expect(open(flipped, plain.length)).rejects.toThrow();
      },
    ),
    { numRuns: 300 },
  );
  // A range that does not touch the damaged chunk stays readable; one that does is refused.
  const hurt = Buffer.from(sealed);
  const at = HEADER_BYTES + 3 * SEALED_CHUNK_BYTES + 5;
  hurt[at] = (hurt[at] ?? 0) ^ 1;
  const good = await open(hurt, plain.length, { start: 0, end: 3 * CHUNK - 1 });
  expect(good.equals(plain.subarray(0, 3 * CHUNK))).toBe(true);
  await expect(open(hurt, plain.length, { start: 3 * CHUNK, end: 3 * CHUNK })).rejects.toThrow();
});

it("refuses another key, another place and another message's header", async () => {
  const sealed = await seal(plainOf(100));
  await expect(open(sealed, 100, undefined, { key: randomBytes(32), context })).rejects.toThrow();
  await expect(open(sealed, 100, undefined, { key, context: "workspace|other" })).rejects.toThrow();
  const other = await seal(plainOf(100));
  const mixed = Buffer.concat([other.subarray(0, HEADER_BYTES), sealed.subarray(HEADER_BYTES)]);
  await expect(open(mixed, 100)).rejects.toThrow();
});
