import { createHash, randomBytes } from "node:crypto";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** A ULID: 48 bits of `timeMs`, then 80 bits of `entropy`; sorts by time. */
export function createId(timeMs = Date.now(), entropy: Uint8Array = randomBytes(10)): string {
  let bits = BigInt(Math.trunc(timeMs)) & 0xffffffffffffn;
  for (let i = 0; i < 10; i++) bits = (bits << 8n) | BigInt(entropy[i] ?? 0);
  let text = "";
  for (let shift = 125n; shift >= 0n; shift -= 5n) text += ALPHABET[Number((bits >> shift) & 31n)];
  return text;
}

/** The same id for the same seed and index, so that a repeated send is recognized. */
export function idFromSeed(timeMs: number, seed: string, index: number): string {
  return createId(timeMs, createHash("sha256").update(`${seed}:${index}`).digest());
}

/** A fixed-length key for any list of strings; the list is told apart from its concatenation. */
export function hashKey(kind: string, ...parts: string[]): string {
  return `${kind}:${createHash("sha256").update(JSON.stringify(parts)).digest("hex")}`;
}
