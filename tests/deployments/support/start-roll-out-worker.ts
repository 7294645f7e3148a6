import type { InngestFunction } from "inngest";
import { openDatabase } from "@/db/client";
import { createInngest } from "@/inngest/client";
import { deploymentFunctions } from "@/inngest/deployments";
import { createEmbeddedExecutor } from "@/inngest/embedded";
import type { FunctionDeps } from "@/inngest/function-deps";
import { OutboxRelay } from "@/inngest/relay";
import type { Ports } from "@/server/kernel/ports";
import { createRuntime } from "@/server/runtime";
import { testKeyring } from "../../support/workspace";
import { silent } from "./deployed-world";

interface WorkerOptions {
  databaseUrl: string;
  artifactsFolder: string;
  /** What the work reaches, beside the objects it is handed. */
  ports: (objects: Ports["objects"]) => Partial<Ports>;
  leaseMs: number;
  pollMs: number;
  /** What it runs; roll-outs when absent. */
  functions?: (deps: FunctionDeps) => InngestFunction.Any[];
}

/** Makes this process a worker that does nothing but what it is given; says "ready" to its parent. */
export async function startRollOutWorker(options: WorkerOptions): Promise<void> {
  const { databaseUrl, artifactsFolder, ports, leaseMs, pollMs } = options;
  const { functions = deploymentFunctions } = options;
  const runtime = createRuntime({
    databaseUrl,
    artifactsFolder,
    keyring: testKeyring(),
    log: silent,
    maxConnections: 6,
  });
  Object.assign(runtime.ports, ports(runtime.ports.objects));
  const { db, jobContext, log } = runtime;
  const inngest = createInngest(openDatabase(databaseUrl, 6).pool, {}, log);
  if (inngest.mode !== "embedded") throw new Error("the embedded executor is meant here");
  const folders = { home: artifactsFolder, artifacts: artifactsFolder, training: artifactsFolder };
  const executor = createEmbeddedExecutor({
    pool: db.pool,
    client: inngest.client,
    functions: functions({ client: inngest.client, db, jobContext, folders, log }),
    transport: inngest.transport,
    log,
    leaseMs,
    pollMs,
    retryDelayMs: () => 50,
  });
  await executor.start();
  new OutboxRelay(db.pool, (events) => inngest.client.send(events), log);
  process.send?.("ready");
}
