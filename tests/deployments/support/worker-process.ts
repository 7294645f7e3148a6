import { openPool } from "./deployed-world";
import { startRollOutWorker } from "./start-roll-out-worker";

/** A worker that does nothing but roll-outs, to be killed: `database-url artifacts-folder node-url`. */
const [databaseUrl = "", artifactsFolder = "", nodeUrl = ""] = process.argv.slice(2);
await startRollOutWorker({
  databaseUrl,
  artifactsFolder,
  ports: (objects) => ({ nodes: openPool([nodeUrl], objects) }),
  leaseMs: 600,
  pollMs: 50,
});
