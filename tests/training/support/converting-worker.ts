import { startRollOutWorker } from "../../deployments/support/start-roll-out-worker";
import { converterIn } from "./native-world";

/** A worker that converts what is deployed, to be killed: `database-url artifacts-folder`. */
const [databaseUrl = "", artifactsFolder = ""] = process.argv.slice(2);
await startRollOutWorker({
  databaseUrl,
  artifactsFolder,
  ports: () => ({ converter: converterIn(`${artifactsFolder}-conversions`) }),
  leaseMs: 1_500,
  pollMs: 100,
});
