import { type ChildProcess, fork } from "node:child_process";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { newId } from "@/server/kernel/ids";
import type { LogEntry } from "@/server/predictions/logs/log-entry";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { DAY_MS, everyPage, oldEntry, writeOldLog } from "./support/old-log";
import { until } from "./support/prediction-server";

/** The executor puts the name of the app before it. */
const FUNCTION = "%upkeep-archive-predictions";
const PATIENCE_MS = 120_000;
const DAYS = 2;

let world: TestWorld;
let workspaces: TestWorkspace[];
let entries: LogEntry[];
const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
const children = new Set<ChildProcess>();

beforeAll(async () => {
  world = await createTestWorld();
  workspaces = [await world.workspace(), await world.workspace()];
  entries = [];
  for (const workspace of workspaces) {
    const deploymentId = newId();
    const own = Array.from({ length: 400 }, (_, at) =>
      oldEntry(workspace.id, {
        ...{ atMs: today - (16 + (at % DAYS)) * DAY_MS + at, deploymentId },
        inputs: [{ a: at, text: "x".repeat(200) }],
      }),
    );
    await writeOldLog(world.db, workspace, own);
    entries.push(...own);
  }
});
afterEach(async () => {
  for (const child of children) await kill(child);
});
afterAll(() => world.close());

async function startWorker(): Promise<ChildProcess> {
  const child = fork(
    "tests/predictions/support/upkeep-process.ts",
    [world.db.url, world.artifactsFolder],
    { execArgv: ["--import", "tsx"] },
  );
  children.add(child);
  await new Promise((resolve, reject) => {
    child.once("message", resolve);
    child.once("exit", reject);
  });
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
  children.delete(child);
}

const owner = <T extends object>(query: string, values: unknown[] = []) =>
  asOwner<T>(world.db.ownerUrl, query, values);

/** Makes the hour strike now. */
const strike = () =>
  owner(
    "update inngest.schedules set next_at = now() - interval '1 second' where function_id like $1",
    [FUNCTION],
  );

const runs = () =>
  owner<{ status: string; output: { archived?: number; days?: number } | null }>(
    "select status, output from inngest.runs where function_id like $1 order by id",
    [FUNCTION],
  );

async function places(): Promise<{ files: number; archived: number; hot: number }> {
  const [row] = await owner<{ files: number; archived: number; hot: number }>(
    `select (select count(*)::int from prediction_archives) as files,
       (select coalesce(sum(requests), 0)::int from prediction_archives) as archived,
       (select count(*)::int from prediction_logs) as hot`,
  );
  if (!row) throw new Error("no counts");
  return row;
}

it("archives every hour, each request once, though its worker is killed in the middle", async () => {
  const worker = await startWorker();
  await until(async () => (await owner("select from inngest.schedules")).length > 0, PATIENCE_MS);
  await strike();
  await until(async () => (await places()).files > 0, PATIENCE_MS);
  await kill(worker);
  const { archived, hot } = await places();
  expect(archived + hot).toBe(entries.length);
  await startWorker();
  const ended = await until(async () => {
    const [run] = await runs();
    return run?.status !== "running" && run?.status !== "queued" && run;
  }, PATIENCE_MS);
  expect(ended).toMatchObject({ status: "completed" });
  expect(await places()).toEqual({
    ...{ files: 2 * DAYS, archived: entries.length, hot: 0 },
  });
  for (const workspace of workspaces) {
    const seen = await everyPage(workspace, { limit: 200 });
    const own = entries.filter(({ workspaceId }) => workspaceId === workspace.id);
    expect(seen.map(({ requestId }) => requestId).toSorted()).toEqual(
      own.map(({ requestId }) => requestId).toSorted(),
    );
  }
  // The next hour finds nothing to move, and has dropped the days that are empty.
  await strike();
  const again = await until(async () => {
    const [, run] = await runs();
    return run?.status === "completed" && run;
  }, PATIENCE_MS);
  expect(again.output).toMatchObject({ archived: 0, days: 0 });
  expect(await places()).toMatchObject({ files: 2 * DAYS });
}, 400_000);
