import { createHash, randomBytes } from "node:crypto";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const KEY = /^mdy_([0-9A-Za-z]{12})_([0-9A-Za-z]{43})$/;

const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Base-62 text of `length` characters without modulo bias. */
function randomText(length: number): string {
  let text = "";
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < 248 && text.length < length) text += ALPHABET[byte % 62];
    }
  }
  return text;
}

export interface NewApiKey {
  /** Shown once: mdy_<id>_<secret>, the secret carrying over 250 bits. */
  key: string;
  publicId: string;
  secretHash: Buffer;
}

export function newApiKey(): NewApiKey {
  const publicId = randomText(12);
  const key = `mdy_${publicId}_${randomText(43)}`;
  return { key, publicId, secretHash: sha256(key) };
}

/**
 * Where to look for a presented key. Keys of our own form carry their id; any other text (the
 * administrator key of the first start) is found by a digest of itself.
 */
export function apiKeyParts(key: string): { publicId: string; secretHash: Buffer } {
  const secretHash = sha256(key);
  const publicId = KEY.exec(key)?.[1] ?? `x${secretHash.toString("hex").slice(0, 24)}`;
  return { publicId, secretHash };
}
