import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { NotAuthentic } from "./cobblestone";

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const WRAPPED_BYTES = NONCE_BYTES + 32 + TAG_BYTES;

/** Wraps a 32-byte key by AES-256-GCM: nonce, key, tag. `purpose` binds it to its place. */
export function wrapKey(by: Buffer, key: Buffer, purpose: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", by, nonce);
  cipher.setAAD(Buffer.from(purpose, "utf8"));
  return Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()]);
}

/** The key that was wrapped. Throws NotAuthentic under another key or purpose. */
export function unwrapKey(by: Buffer, wrapped: Buffer, purpose: string): Buffer {
  if (wrapped.length !== WRAPPED_BYTES) throw new NotAuthentic("the wrapped key is cut");
  const decipher = createDecipheriv("aes-256-gcm", by, wrapped.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(purpose, "utf8"));
  decipher.setAuthTag(wrapped.subarray(WRAPPED_BYTES - TAG_BYTES));
  const key = decipher.update(wrapped.subarray(NONCE_BYTES, WRAPPED_BYTES - TAG_BYTES));
  try {
    decipher.final();
  } catch {
    throw new NotAuthentic("the wrapped key was made for another place or by another key");
  }
  return key;
}
