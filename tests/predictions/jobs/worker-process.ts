import { predictionFunctions } from "@/inngest/predictions";
import { openPool } from "../../deployments/support/deployed-world";
import { startRollOutWorker } from "../../deployments/support/start-roll-out-worker";

/** A worker that does nothing but batch jobs, to be killed: `database-url artifacts-folder node-url`. */
const [databaseUrl = "", artifactsFolder = "", nodeUrl = ""] = process.argv.slice(2);
await startRollOutWorker({
  databaseUrl,
  artifactsFolder,
  ports: (objects) => ({ nodes: openPool([nodeUrl], objects) }),
  functions: predictionFunctions,
  leaseMs: 3_000,
  pollMs: 50,
});
