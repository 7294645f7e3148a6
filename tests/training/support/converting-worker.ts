import { openDatabase } from "@/db/client";
import { createInngest } from "@/inngest/client";
import { deploymentFunctions } from "@/inngest/deployments";
import { createEmbeddedExecutor } from "@/inngest/embedded";
import { OutboxRelay } from "@/inngest/relay";
import { createRuntime } from "@/server/runtime";
import { silent } from "../../deployments/support/deployed-world";
import { testKeyring } from "../../support/workspace";
import { converterIn } from "./native-world";

/** A worker that converts what is deployed, to be killed: `database-url artifacts-folder`. */
const [databaseUrl = "", artifactsFolder = ""] = process.argv.slice(2);
const runtime = createRuntime({
  databaseUrl,
  artifactsFolder,
  keyring: testKeyring(),
  log: silent,
  maxConnections: 6,
});
runtime.ports.converter = converterIn(`${artifactsFolder}-conversions`);
const { db, jobContext, log } = runtime;
const inngest = createInngest(openDatabase(databaseUrl, 6).pool, {}, log);
if (inngest.mode !== "embedded") throw new Error("the embedded executor is meant here");
const folders = { home: artifactsFolder, artifacts: artifactsFolder, training: artifactsFolder };
const executor = createEmbeddedExecutor({
  pool: db.pool,
  client: inngest.client,
  functions: deploymentFunctions({ client: inngest.client, db, jobContext, folders, log }),
  transport: inngest.transport,
  log,
  leaseMs: 1_500,
  pollMs: 100,
  retryDelayMs: () => 50,
});
await executor.start();
new OutboxRelay(db.pool, (events) => inngest.client.send(events), log);
process.send?.("ready");
