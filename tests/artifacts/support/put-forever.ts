import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { openDatabase } from "@/db/client";
import { createFileBlobs, createKeyring, createObjectStore } from "@/server/artifacts";

/** Stores random objects and says which ones are safe, until it is killed: `database-url folder secret workspace`. */
const [url = "", folder = "", secret = "", workspaceId = ""] = process.argv.slice(2);
const store = createObjectStore({
  db: openDatabase(url, 3),
  blobs: createFileBlobs(folder),
  keyring: createKeyring(secret),
});
for (;;) {
  const content = Readable.from([randomBytes(40_000), randomBytes(Math.random() * 2e6)]);
  process.stdout.write(`${JSON.stringify(await store.put(workspaceId, content, 1e8))}\n`);
}
