import { archiveLog } from "@/inngest/upkeep/archive-predictions";
import { startRollOutWorker } from "../../deployments/support/start-roll-out-worker";

/** A worker that does nothing but the hourly archiving, to be killed: `database-url artifacts-folder`. */
const [databaseUrl = "", artifactsFolder = ""] = process.argv.slice(2);
await startRollOutWorker({
  databaseUrl,
  artifactsFolder,
  ports: () => ({}),
  functions: (deps) => [archiveLog(deps)],
  leaseMs: 3_000,
  pollMs: 50,
});
