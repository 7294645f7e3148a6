import { createHash, hkdfSync } from "node:crypto";
import { AppError } from "@/server/kernel/errors";

/** The key-encryption keys (KEK) of an installation: one wraps, all of them unwrap. */
export interface Keyring {
  /** Fingerprint of the KEK that wraps. */
  currentId: string;
  /** The KEK with this fingerprint. Throws unavailable when it is not configured. */
  kek(id: string): Buffer;
}

/** A keyring of texts of 32 characters or more, each stretched by HKDF-SHA-512. */
export function createKeyring(current: string, previous: readonly string[] = []): Keyring {
  const keys = new Map<string, Buffer>();
  for (const text of [current, ...previous]) {
    const kek = Buffer.from(hkdfSync("sha512", text, "modelyard", "key-encryption key v1", 32));
    keys.set(fingerprint(kek), kek);
  }
  const [currentId = ""] = keys.keys();
  return {
    currentId,
    kek(id) {
      const kek = keys.get(id);
      if (kek) return kek;
      throw new AppError(
        "unavailable",
        `Artifacts cannot be opened: the key-encryption key ${id} is not configured.`,
      );
    },
  };
}

const fingerprint = (kek: Buffer): string =>
  createHash("sha256").update("modelyard kek fingerprint").update(kek).digest("hex").slice(0, 16);
