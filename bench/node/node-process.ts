/** The inference node with one 30-feature classifier; prints its URL as one line of JSON. */
import { createHash } from "node:crypto";
import { createNodeClient } from "@/server/node/client";
import { startNode } from "@/server/node/start-node";
import { classifierModel, classifierSignature } from "@/tests/node/support/sample-models";

const FEATURES = 30;
const model = classifierModel(FEATURES);
const quiet = () => undefined;
const node = await startNode({
  host: "127.0.0.1",
  port: 0,
  readArtifact: async () => model,
  cacheBytesMax: 1e9,
  maxBodyBytes: 64 * 1024 * 1024,
  log: { info: quiet, warn: quiet, error: quiet },
});
const client = createNodeClient({ url: node.url });
await client.load("bench", {
  artifact: createHash("sha256").update(model).digest("hex"),
  signature: classifierSignature(FEATURES),
});
await client.close();
console.log(JSON.stringify({ url: `${node.url}/v2/models/bench/infer` }));
process.on("SIGTERM", () => void node.close().then(() => process.exit(0)));
