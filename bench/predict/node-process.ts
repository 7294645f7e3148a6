import { createArtifactReader, createFileBlobs } from "@/server/artifacts";
import { createLog } from "@/server/kernel/log";
import { startNode } from "@/server/node/start-node";

/** The inference node of the benchmark: `artifacts-folder`. */
const node = await startNode({
  host: "127.0.0.1",
  port: 0,
  readArtifact: createArtifactReader(createFileBlobs(process.argv[2] ?? "")),
  cacheBytesMax: 1024 ** 3,
  maxBodyBytes: 64 * 1024 ** 2,
  log: createLog("node", "warn"),
});
process.send?.(node.url);
process.on("SIGTERM", () => process.exit(0));
