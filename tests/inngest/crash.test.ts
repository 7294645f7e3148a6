import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Inngest } from "inngest";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEmbeddedTransport, getRun, listRuns } from "@/inngest/embedded";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { until } from "./driver";
import { SILENT } from "./embedded-driver";

let db: TestDatabase;
let folder: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  db = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), "inngest-crash-"));
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await db.close();
  await rm(folder, { recursive: true, force: true });
});

interface Crash {
  journal: () => Promise<string[]>;
  worker: () => ChildProcess;
  send: () => Promise<string>;
}

async function prepare(checkpointing: boolean): Promise<Crash> {
  const appId = `crash-${randomBytes(4).toString("hex")}`;
  const file = join(folder, appId);
  await writeFile(file, "");
  const transport = createEmbeddedTransport({ pool: db.pool, log: SILENT });
  const client = new Inngest({ id: appId, ...transport, isDev: false });
  return {
    journal: async () => (await readFile(file, "utf8")).split("\n").filter(Boolean),
    worker: () => {
      const child = spawn(
        process.execPath,
        [
          "--import",
          "tsx",
          "tests/inngest/fixture-worker.ts",
          db.url,
          appId,
          file,
          String(checkpointing),
        ],
        { stdio: ["ignore", "inherit", "inherit"] },
      );
      children.push(child);
      return child;
    },
    send: async () => (await client.send({ name: `${appId}/crash` })).ids[0] ?? "",
  };
}

const lines = (journal: string[], word: string) =>
  journal.filter((line) => line.split(" ").slice(1).join(" ").startsWith(word));

async function ended(eventId: string) {
  const summary = await until(async () => {
    const [run] = await listRuns(db.pool, { eventId });
    return run?.endedAt ? run : undefined;
  });
  const run = await getRun(db.pool, summary.id);
  if (!run) throw new Error("no run");
  return run;
}

describe.each([
  ["with checkpointing", true],
  ["one step a request", false],
])("a worker that dies, %s", (_, checkpointing) => {
  it("kill -9 inside a step: that step is tried again, the one before is not, the run completes", async () => {
    const { journal, worker, send } = await prepare(checkpointing);
    const first = worker();
    await until(async () => lines(await journal(), "started").length === 1);
    const eventId = await send();
    await until(async () => lines(await journal(), "second").length === 1);
    first.kill("SIGKILL");
    const next = worker();
    const run = await ended(eventId);
    expect(run).toMatchObject({ status: "completed", output: ["first", next.pid, "third"] });
    const seen = await journal();
    expect(lines(seen, "first")).toHaveLength(1);
    expect(lines(seen, "second").map((line) => line.split(" ")[2])).toEqual(["0", "1"]);
    expect(lines(seen, "third")).toHaveLength(1);
    expect(run.attempts.filter((attempt) => attempt.outcome === "lost")).toHaveLength(1);
    next.kill("SIGKILL");
  });

  it("SIGSTOP past the lease: the late result of the sleeper is left out", async () => {
    const { journal, worker, send } = await prepare(checkpointing);
    const sleeper = worker();
    await until(async () => lines(await journal(), "started").length === 1);
    const eventId = await send();
    await until(async () => lines(await journal(), "second").length === 1);
    sleeper.kill("SIGSTOP");
    const next = worker();
    await until(async () => lines(await journal(), "second").length === 2);
    sleeper.kill("SIGCONT");
    await until(async () => lines(await journal(), "warn a late result").length === 1);
    const run = await ended(eventId);
    expect(run).toMatchObject({ status: "completed", output: ["first", next.pid, "third"] });
    expect(run.steps.map((step) => step.status)).toEqual(Array(3).fill("completed"));
    expect(lines(await journal(), "third")).toHaveLength(1);
    sleeper.kill("SIGKILL");
    next.kill("SIGKILL");
  });
});

it("hands a step over at a stop that does not wait for its end", async () => {
  const { journal, worker, send } = await prepare(true);
  const first = worker();
  await until(async () => lines(await journal(), "started").length === 1);
  const eventId = await send();
  await until(async () => lines(await journal(), "second").length === 1);
  first.kill("SIGTERM");
  const next = worker();
  const run = await ended(eventId);
  expect(run).toMatchObject({ status: "completed", output: ["first", next.pid, "third"] });
  next.kill("SIGKILL");
});
