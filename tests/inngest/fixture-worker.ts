import { appendFileSync } from "node:fs";
import { Inngest } from "inngest";
import { openDatabase } from "@/db/client";
import { createEmbeddedExecutor, createEmbeddedTransport } from "@/inngest/embedded";

/** A worker of its own process for the crash tests: `url appId journal`. One function with checkpointing, one without. */
const [url = "", appId = "", journal = ""] = process.argv.slice(2);

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
  logger: log,
});

const makeFunction = (id: string, checkpointing: boolean) =>
  client.createFunction(
    { id, triggers: { event: `${appId}/crash` }, checkpointing },
    async ({ step, attempt }) => {
      const first = await step.run("first", () => {
        note(`${id} first ${attempt}`);
        return "first";
      });
      const second = await step.run("second", async () => {
        note(`${id} second ${attempt}`);
        await new Promise((resolve) => setTimeout(resolve, 2000));
        return process.pid;
      });
      const third = await step.run("third", () => {
        note(`${id} third`);
        return "third";
      });
      return [first, second, third];
    },
  );

const executor = createEmbeddedExecutor({
  pool,
  client,
  functions: [makeFunction("with", true), makeFunction("without", false)],
  transport,
  log,
  leaseMs: 1500,
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
