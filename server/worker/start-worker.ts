import { availableParallelism } from "node:os";
import { join } from "node:path";
import { createInngest, type InngestSettings } from "@/inngest/client";
import { createEmbeddedExecutor, type ExecutorOptions } from "@/inngest/embedded";
import { createFunctions } from "@/inngest/functions";
import { OutboxRelay } from "@/inngest/relay";
import type { Runtime } from "@/server/runtime";
import { bundledTrainers } from "@/server/training/backends/local/bundled-trainers";
import {
  createLocalBackend,
  type LocalBackendOptions,
} from "@/server/training/backends/local/local-backend";
import { createLocalConverter } from "@/server/training/conversions/sandbox/local-converter";
import { Dispatcher } from "@/server/training/dispatcher/dispatcher";
import { TIMINGS, type Timings } from "@/server/training/dispatcher/settings";
import { ENVIRONMENT_STATE } from "@/server/training/get-environment";
import { PythonEnvironment } from "@/server/training/python-env";

export interface WorkerOptions {
  inngest: InngestSettings;
  folders: { home: string; artifacts: string; python: string; training: string };
  /** Where trainers reach the web process. */
  url: string;
  /** Trainers at the same time. */
  slots: number;
  python?: string | undefined;
  pythonEnv?: string | undefined;
  timings?: Partial<Timings>;
  executor?: Pick<ExecutorOptions, "leaseMs" | "pollMs" | "retryDelayMs">;
  /** A program of one's own instead of the bundled trainers, which then needs no Python. */
  trainer?: LocalBackendOptions["command"];
}

export interface Worker {
  /** Ends trainers (their jobs go back to the queue), functions and the relay. */
  stop(): Promise<void>;
}

/** Starts everything a worker does: Python environment, training queue, outbox relay, functions. */
export async function startWorker(runtime: Runtime, options: WorkerOptions): Promise<Worker> {
  const { db, log, jobContext } = runtime;
  const python = pythonOf(runtime, options);
  python?.start();
  runtime.ports.converter = createLocalConverter({
    folder: join(options.folders.training, "conversions"),
    interpreter: () => python?.interpreter ?? "python3",
    readiness: () => python?.readiness() ?? { state: "ready" },
  });
  const inngest = createInngest(db.pool, options.inngest, log);
  const functions = createFunctions({
    client: inngest.client,
    db,
    jobContext,
    folders: options.folders,
    log,
  });
  const executor =
    inngest.mode === "embedded"
      ? createEmbeddedExecutor({
          pool: db.pool,
          client: inngest.client,
          functions,
          transport: inngest.transport,
          log,
          ...options.executor,
        })
      : undefined;
  await executor?.start();
  const dispatcher = new Dispatcher(db.pool, {
    jobContext,
    log,
    backend: backendOf(options, python),
    slots: options.slots,
    readiness: () => python?.readiness() ?? { state: "ready" },
    trackingUrl: options.url,
    timings: { ...TIMINGS, ...options.timings },
  });
  await dispatcher.start();
  const relay = new OutboxRelay(db.pool, (events) => inngest.client.send(events), log);
  return {
    stop: async () => {
      await relay.close();
      await Promise.all([dispatcher.stop(), executor?.stop({ graceMs: 5_000 }), python?.stop()]);
    },
  };
}

function pythonOf({ log }: Runtime, options: WorkerOptions): PythonEnvironment | undefined {
  if (options.trainer) return undefined;
  return new PythonEnvironment({
    folder: options.folders.python,
    stateFile: join(options.folders.home, ENVIRONMENT_STATE),
    python: options.python,
    existing: options.pythonEnv,
    log,
  });
}

function backendOf(options: WorkerOptions, python: PythonEnvironment | undefined) {
  const threads = Math.max(1, Math.floor(availableParallelism() / options.slots));
  return createLocalBackend({
    folder: options.folders.training,
    command: options.trainer ?? bundledTrainers(() => python?.interpreter ?? "python3", threads),
  });
}
