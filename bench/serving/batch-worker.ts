import { createInngest } from "@/inngest/client";
import { createEmbeddedExecutor } from "@/inngest/embedded";
import { predictionFunctions } from "@/inngest/predictions";
import { OutboxRelay } from "@/inngest/relay";
import { createKeyring } from "@/server/artifacts";
import { openNodes } from "@/server/deployments";
import { createLog } from "@/server/kernel/log";
import { createRuntime } from "@/server/runtime";
import { BENCH_SECRET } from "../predict/bench-secret";

/** The part of a worker that runs batch jobs: `database-url artifacts-folder node-urls`. */
const [databaseUrl = "", artifactsFolder = "", nodeUrls = ""] = process.argv.slice(2);
const log = createLog("worker", "warn");
const runtime = createRuntime({
  databaseUrl,
  artifactsFolder,
  keyring: createKeyring(BENCH_SECRET),
  log,
});
openNodes(runtime, { urls: nodeUrls.split(",") });
const { db, jobContext } = runtime;
const inngest = createInngest(db.pool, {}, log);
if (inngest.mode !== "embedded") throw new Error("the benchmark has its own executor");
const { client, transport } = inngest;
const folders = { home: "", artifacts: artifactsFolder, training: "" };
const functions = predictionFunctions({ client, db, jobContext, folders, log });
const executor = createEmbeddedExecutor({ pool: db.pool, client, functions, transport, log });
await executor.start();
new OutboxRelay(db.pool, (events) => client.send(events), log);
process.send?.("ready");
process.on("SIGTERM", () => process.exit(0));
