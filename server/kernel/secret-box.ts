import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { deriveKey } from "./derive-key";

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Seals small secrets for the database; `context` binds one to its place, so none can be moved. */
export interface SecretBox {
  seal(context: string, text: string): Buffer;
  /** Throws when the bytes were changed, moved, or sealed by another installation. */
  open(context: string, sealed: Buffer): string;
}

/** AES-256-GCM under a key of the installation: nonce, tag, ciphertext. */
export function createSecretBox(secret: string): SecretBox {
  const key = deriveKey(secret, "secret box");
  return {
    seal(context, text) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", key, nonce);
      cipher.setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]);
    },
    open(context, sealed) {
      const nonce = sealed.subarray(0, NONCE_BYTES);
      const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      const body = sealed.subarray(NONCE_BYTES + TAG_BYTES);
      return Buffer.concat([decipher.update(body), decipher.final()]).toString("utf8");
    },
  };
}
