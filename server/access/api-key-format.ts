import { createHash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const KEY = /^mdy_([0-9A-Za-z]{12})_[0-9A-Za-z]{49}$/;
const CHECKSUM_LENGTH = 6;

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
  /** Shown once: mdy_<id>_<secret><checksum>, the secret carrying over 250 bits. */
  key: string;
  publicId: string;
  secretHash: Buffer;
}

/** CRC-32 of the text before it in base 62, so that scanners tell keys from look-alikes. */
function checksum(text: string): string {
  let rest = crc32(text);
  let digits = "";
  while (digits.length < CHECKSUM_LENGTH) {
    digits = ALPHABET[rest % 62] + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}

/** A key with a fresh secret; `publicId` is kept when a key is rotated. */
export function newApiKey(publicId = randomText(12)): NewApiKey {
  const body = `mdy_${publicId}_${randomText(43)}`;
  const key = `${body}${checksum(body)}`;
  return { key, publicId, secretHash: sha256(key) };
}

/**
 * Where to look for a presented key. Keys of our own form carry their id; any other text (the
 * administrator key of the first start) is found by a digest of itself.
 */
export function apiKeyParts(key: string): { publicId: string; secretHash: Buffer } {
  const secretHash = sha256(key);
  const isOurs = checksum(key.slice(0, -CHECKSUM_LENGTH)) === key.slice(-CHECKSUM_LENGTH);
  const publicId = (isOurs && KEY.exec(key)?.[1]) || `x${secretHash.toString("hex").slice(0, 24)}`;
  return { publicId, secretHash };
}
