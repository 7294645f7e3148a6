import { openPool } from "./deployed-world";
import { startRollOutWorker } from "./start-roll-out-worker";

/** A worker that does nothing but roll-outs, to be killed: `database-url artifacts-folder node-urls owns-replicas`. */
const [databaseUrl = "", artifactsFolder = "", nodeUrls = "", owns = ""] = process.argv.slice(2);
await startRollOutWorker({
  databaseUrl,
  artifactsFolder,
  ports: (objects) => ({
    nodes: openPool(nodeUrls.split(","), objects),
    ownsReplicas: owns === "owns",
  }),
  leaseMs: 600,
  pollMs: 50,
});
