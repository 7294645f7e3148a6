import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { isUuid } from "@/server/kernel/ids";

const SHA256 = /^[0-9a-f]{64}$/;

/**
 * Reads an object by its hash alone, as inference nodes do: they know versions, not workspaces, and
 * equal hashes are equal bytes. Throws when no workspace holds it.
 */
export function createArtifactReader(folder: string): (sha256: string) => Promise<Buffer> {
  return async (sha256) => {
    if (!SHA256.test(sha256)) throw new Error("an artifact is named by its SHA-256");
    for (const workspace of await readdir(folder).catch(() => [])) {
      if (!isUuid(workspace)) continue;
      const path = join(folder, workspace, sha256.slice(0, 2), sha256);
      const bytes = await readFile(path).catch(() => undefined);
      if (bytes) return bytes;
    }
    throw Object.assign(new Error("the artifact is not in the store"), { code: "ENOENT" });
  };
}
