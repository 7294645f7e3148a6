import { openDatabase } from "@/db/client";
import {
  createFileBlobs,
  createKeyring,
  createObjectStore,
  eraseWorkspace,
  rotateWorkspaceKey,
} from "@/server/artifacts";
import type { Context } from "@/server/kernel/context";

/** One key command in a process of its own, to be killed: `command database-url folder secret workspace`. */
const [command = "", url = "", folder = "", secret = "", workspaceId = ""] = process.argv.slice(2);
const db = openDatabase(url, 3);
const blobs = createFileBlobs(folder);
const keyring = createKeyring(secret);
const ctx: Context = {
  workspaceId,
  actor: { type: "job", name: command },
  db,
  now: () => new Date(),
  requestId: "test",
  ports: { objects: createObjectStore({ db, blobs, keyring }) },
};
const say = (line: unknown) => process.stdout.write(`${JSON.stringify(line)}\n`);
if (command === "rotate") await rotateWorkspaceKey(ctx, keyring, say);
if (command === "erase") await eraseWorkspace(ctx, blobs, (what, done) => say({ what, done }));
say("done");
await db.pool.end();
