import { openDatabase } from "@/db/client";
import { createInngest } from "@/inngest/client";
import { deploymentFunctions } from "@/inngest/deployments";
import { createEmbeddedExecutor } from "@/inngest/embedded";
import { OutboxRelay } from "@/inngest/relay";
import { createRuntime } from "@/server/runtime";
import { testKeyring } from "../../support/workspace";
import { openPool, silent } from "./deployed-world";

/** A worker that does nothing but roll-outs, to be killed: `database-url artifacts-folder node-url`. */
const [databaseUrl = "", artifactsFolder = "", nodeUrl = ""] = process.argv.slice(2);
const runtime = createRuntime({
  databaseUrl,
  artifactsFolder,
  keyring: testKeyring(),
  log: silent,
  maxConnections: 6,
});
runtime.ports.nodes = openPool([nodeUrl], runtime.ports.objects);
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
  leaseMs: 600,
  pollMs: 50,
  retryDelayMs: () => 50,
});
await executor.start();
new OutboxRelay(db.pool, (events) => inngest.client.send(events), log);
process.send?.("ready");
