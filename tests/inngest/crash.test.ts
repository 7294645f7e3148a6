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

/** Functions of the fixture: with and without checkpointing. */
const MODES = ["with", "without"];

interface Crash {
  /** Lines of the journal that hold the words, pid first. */
  lines: (words: string) => Promise<string[]>;
  worker: () => ChildProcess;
  send: () => Promise<string>;
}

async function prepare(): Promise<Crash> {
  const appId = `crash-${randomBytes(4).toString("hex")}`;
  const file = join(folder, appId);
  await writeFile(file, "");
  const transport = createEmbeddedTransport({ pool: db.pool, log: SILENT });
  const client = new Inngest({ id: appId, ...transport, isDev: false });
  return {
    lines: async (words) =>
      (await readFile(file, "utf8")).split("\n").filter((line) => line.includes(` ${words}`)),
    worker: () => {
      const child = spawn(
        process.execPath,
        ["--import", "tsx", "tests/inngest/fixture-worker.ts", db.url, appId, file],
        { stdio: ["ignore", "inherit", "inherit"] },
      );
      children.push(child);
      return child;
    },
    send: async () => (await client.send({ name: `${appId}/crash` })).ids[0] ?? "",
  };
}

/** A worker with both functions inside their second step. */
async function halfway({ lines, worker, send }: Crash) {
  const first = worker();
  await until(async () => (await lines("started")).length === 1);
  const eventId = await send();
  await until(
    async () => (await lines("with second")).length + (await lines("without second")).length === 2,
  );
  return { first, eventId };
}

async function ended(eventId: string) {
  const runs = await until(async () => {
    const all = await listRuns(db.pool, { eventId });
    return all.length === MODES.length && all.every((run) => run.endedAt) && all;
  });
  return Promise.all(runs.map((run) => getRun(db.pool, run.id)));
}

describe.concurrent("a worker that dies, with and without checkpointing", () => {
  it("kill -9 inside a step: that step is tried again, the one before is not, the run completes", async () => {
    const crash = await prepare();
    const { first, eventId } = await halfway(crash);
    first.kill("SIGKILL");
    const next = crash.worker();
    for (const run of await ended(eventId)) {
      expect(run).toMatchObject({ status: "completed", output: ["first", next.pid, "third"] });
      expect(run?.attempts.filter((attempt) => attempt.outcome === "lost")).toHaveLength(1);
    }
    for (const mode of MODES) {
      expect(await crash.lines(`${mode} first`)).toHaveLength(1);
      const second = await crash.lines(`${mode} second`);
      expect(second.map((line) => line.split(" ").at(-1))).toEqual(["0", "1"]);
      expect(await crash.lines(`${mode} third`)).toHaveLength(1);
    }
  });

  it("SIGSTOP past the lease: the late result of the sleeper is left out", async () => {
    const crash = await prepare();
    const { first: sleeper, eventId } = await halfway(crash);
    sleeper.kill("SIGSTOP");
    const next = crash.worker();
    for (const mode of MODES) {
      await until(async () => (await crash.lines(`${mode} second`)).length === 2);
    }
    sleeper.kill("SIGCONT");
    await until(async () => (await crash.lines("warn a late result")).length === MODES.length);
    for (const run of await ended(eventId)) {
      expect(run).toMatchObject({ status: "completed", output: ["first", next.pid, "third"] });
      expect(run?.steps.map((step) => step.status)).toEqual(Array(3).fill("completed"));
    }
    for (const mode of MODES) expect(await crash.lines(`${mode} third`)).toHaveLength(1);
  });

  it("SIGTERM hands over a step that outlasts the grace", async () => {
    const crash = await prepare();
    const { first, eventId } = await halfway(crash);
    first.kill("SIGTERM");
    const next = crash.worker();
    for (const run of await ended(eventId)) {
      expect(run).toMatchObject({ status: "completed", output: ["first", next.pid, "third"] });
    }
  });
});
