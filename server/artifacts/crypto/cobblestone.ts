import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";

/**
 * C2SP chunked-encryption, instance Cobblestone-256 (HKDF-Expand with SHA-512, AES-256-GCM):
 * https://c2sp.org/chunked-encryption
 */
export const CHUNK_BYTES = 16 * 1024;
export const TAG_BYTES = 16;
export const SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES;
const SALT_BYTES = 24;
const COMMITMENT_BYTES = 32;
export const HEADER_BYTES = SALT_BYTES + COMMITMENT_BYTES;
const NONCE_BYTES = 12;
const KEY_BYTES = 32;
/** The specification's 2^38. */
const CHUNKS_MAX = 2 ** 38;
const INFO = Buffer.from("c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0", "latin1");

/** Bytes that are not what was sealed under this key and context. */
export class NotAuthentic extends Error {
  override name = "NotAuthentic";
}

/** Key and base nonce of one message; `header` is what its sealed form begins with. */
export interface MessageKeys {
  key: Buffer;
  baseNonce: Buffer;
  header: Buffer;
}

/** HKDF-Expand (RFC 5869, 2.3) with SHA-512; `key` must be uniformly random. */
export function hkdfExpand(key: Buffer, info: Buffer, lengthBytes: number): Buffer {
  const blocks: Buffer[] = [];
  for (let made = 0, n = 1; made < lengthBytes; made += 64, n += 1) {
    const block = createHmac("sha512", key)
      .update(blocks.at(-1) ?? "")
      .update(info)
      .update(Buffer.of(n));
    blocks.push(block.digest());
  }
  return Buffer.concat(blocks).subarray(0, lengthBytes);
}

function deriveKeys(inputKey: Buffer, salt: Buffer, context: string): MessageKeys {
  if (inputKey.length !== KEY_BYTES) throw new RangeError("the key must have 32 bytes");
  const info = Buffer.concat([INFO, salt, Buffer.from(context, "utf8")]);
  const made = hkdfExpand(inputKey, info, KEY_BYTES + NONCE_BYTES + COMMITMENT_BYTES);
  return {
    key: made.subarray(0, KEY_BYTES),
    baseNonce: made.subarray(KEY_BYTES, KEY_BYTES + NONCE_BYTES),
    header: Buffer.concat([salt, made.subarray(KEY_BYTES + NONCE_BYTES)]),
  };
}

/** Keys for a new message under a fresh salt. */
export const newMessageKeys = (inputKey: Buffer, context: string): MessageKeys =>
  deriveKeys(inputKey, randomBytes(SALT_BYTES), context);

/** Keys of a sealed message from its first 56 bytes. Throws NotAuthentic for another key or context. */
export function messageKeysOf(inputKey: Buffer, header: Buffer, context: string): MessageKeys {
  if (header.length !== HEADER_BYTES) throw new NotAuthentic("the header is cut");
  const keys = deriveKeys(inputKey, header.subarray(0, SALT_BYTES), context);
  if (!timingSafeEqual(keys.header, header)) throw new NotAuthentic("the commitment differs");
  return keys;
}

/** The base nonce XOR the chunk's number as a big-endian integer. */
function nonceOf(keys: MessageKeys, chunk: number): Buffer {
  if (chunk >= CHUNKS_MAX) throw new RangeError("the message has too many chunks");
  const nonce = Buffer.from(keys.baseNonce);
  const high = Math.floor(chunk / 2 ** 32);
  nonce.writeUInt32BE((nonce.readUInt32BE(4) ^ high) >>> 0, 4);
  nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ (chunk % 2 ** 32)) >>> 0, 8);
  return nonce;
}

/** Seals one chunk; answers ciphertext and tag. */
export function sealChunk(keys: MessageKeys, chunk: number, plain: Buffer): Buffer[] {
  const cipher = createCipheriv("aes-256-gcm", keys.key, nonceOf(keys, chunk));
  const sealed = cipher.update(plain);
  cipher.final();
  return [sealed, cipher.getAuthTag()];
}

/** Opens one chunk. Throws NotAuthentic when a bit of it differs or it belongs elsewhere. */
export function openChunk(keys: MessageKeys, chunk: number, sealed: Buffer): Buffer {
  if (sealed.length < TAG_BYTES) throw new NotAuthentic("a chunk is cut");
  const decipher = createDecipheriv("aes-256-gcm", keys.key, nonceOf(keys, chunk), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  const plain = decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES));
  try {
    decipher.final();
  } catch {
    throw new NotAuthentic("a chunk differs from what was sealed");
  }
  return plain;
}

/** Bytes of the sealed form: header, full chunks, and a last chunk that is always short. */
export const sealedSize = (plainBytes: number): number =>
  HEADER_BYTES + plainBytes + TAG_BYTES * (lastChunkOf(plainBytes) + 1);

/** Number of the last chunk, which holds fewer than 16 KiB and may be empty. */
export const lastChunkOf = (plainBytes: number): number => Math.floor(plainBytes / CHUNK_BYTES);

/** Where a chunk begins in the sealed form. */
export const chunkOffset = (chunk: number): number => HEADER_BYTES + chunk * SEALED_CHUNK_BYTES;
