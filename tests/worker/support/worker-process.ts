import pino from "pino";
import { createKeyring } from "@/server/artifacts";
import { createRuntime } from "@/server/runtime";
import { startWorker } from "@/server/worker/start-worker";
import { TEST_SECRET } from "../../support/test-secret";
import { TRAINER, workerOptions } from "../../training/support/worker-options";

/** A worker of its own process: `databaseUrl artifacts home url environment behavior`. */
const [
  databaseUrl = "",
  artifacts = "",
  home = "",
  url = "",
  environment = "{}",
  behavior = "train",
] = process.argv.slice(2);

const runtime = createRuntime({
  databaseUrl,
  artifactsFolder: artifacts,
  keyring: createKeyring(TEST_SECRET),
  log: pino({ level: process.env.TEST_LOG_LEVEL ?? "silent" }),
});
const worker = await startWorker(
  runtime,
  workerOptions(behavior, home, url, {
    executor: { leaseMs: 1_500, pollMs: 150, retryDelayMs: () => 100 },
    trainer: (specFile) => ({
      program: process.execPath,
      args: [TRAINER, behavior, "--spec", specFile],
      environment: JSON.parse(environment),
    }),
  }),
);
process.stdout.write("ready\n");
process.on("SIGTERM", () => {
  void worker
    .stop()
    .then(() => runtime.close())
    .then(() => process.exit(0));
});
