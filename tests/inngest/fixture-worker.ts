import { appendFileSync } from "node:fs";
import { Inngest } from "inngest";
import { openDatabase } from "@/db/client";
import { createEmbeddedExecutor, createEmbeddedTransport } from "@/inngest/embedded";

/** A worker of its own process for the crash tests: `url appId journal checkpointing`. */
const [url = "", appId = "", journal = "", checkpointing = "true"] = process.argv.slice(2);

const log = {
  info: () => {},
  warn: (_: object, message: string) => note(`warn ${message}`),
  error: (_: object, message: string) => note(`error ${message}`),
  debug: () => {},
};

function note(line: string): void {
  appendFileSync(journal, `${process.pid} ${line}\n`);
}

const { pool } = openDatabase(url, 5);
const transport = createEmbeddedTransport({ pool, log });
const client = new Inngest({
  id: appId,
  ...transport,
  isDev: false,
  checkpointing: checkpointing === "true",
  logger: log,
});

const fn = client.createFunction(
  { id: "crash", triggers: { event: `${appId}/crash` } },
  async ({ step, attempt }) => {
    const first = await step.run("first", () => {
      note(`first ${attempt}`);
      return "first";
    });
    const second = await step.run("second", async () => {
      note(`second ${attempt}`);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      return process.pid;
    });
    const third = await step.run("third", () => {
      note("third");
      return "third";
    });
    return [first, second, third];
  },
);

const executor = createEmbeddedExecutor({
  pool,
  client,
  functions: [fn],
  transport,
  log,
  leaseMs: 900,
  pollMs: 100,
  retryDelayMs: () => 20,
});
await executor.start();
note("started");
process.on("SIGTERM", async () => {
  await executor.stop({ graceMs: 100 });
  await pool.end();
  process.exit(0);
});
