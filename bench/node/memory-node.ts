import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createLog } from "@/server/kernel/log";
import { startNode } from "@/server/node/start-node";

/** A node whose models lie in a folder under their digests: `folder`. */
const [folder = ""] = process.argv.slice(2);
const node = await startNode({
  host: "127.0.0.1",
  port: 0,
  readArtifact: (digest) => readFile(join(folder, digest)),
  cacheBytesMax: 4 * 1024 ** 3,
  maxBodyBytes: 64 * 1024 ** 2,
  log: createLog("node", "warn"),
});
process.send?.(node.url);
process.on("SIGTERM", () => process.exit(0));
