import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { newId } from "@/server/kernel/ids";
import { archivePredictions } from "@/server/predictions";
import type { LogEntry } from "@/server/predictions/logs/log-entry";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { DAY_MS, everyPage, oldEntry, writeOldLog } from "./support/old-log";

let world: TestWorld;
let own: TestWorkspace;
let entries: LogEntry[];
const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;

beforeAll(async () => {
  world = await createTestWorld();
  own = await world.workspace();
  const deploymentIds = [newId(), newId()];
  entries = Array.from({ length: 3_000 }, (_, at) =>
    oldEntry(own.id, {
      atMs: today - (16 + (at % 3)) * DAY_MS + at,
      deploymentId: deploymentIds[at % 2] ?? "",
      inputs: [{ a: at, text: "x".repeat(200) }],
    }),
  );
  await writeOldLog(world.db, own, entries);
});
afterAll(() => world.close());

const started = new Set<ChildProcess>();
afterAll(() => {
  for (const child of started) child.kill("SIGKILL");
});

function startArchiving(): ChildProcess {
  const file = join(import.meta.dirname, "support/archiving-process.ts");
  const child = spawn(
    process.execPath,
    ["--import", "tsx", file, world.db.url, world.artifactsFolder, own.id],
    { stdio: ["ignore", "ignore", "inherit", "ipc"] },
  );
  started.add(child);
  return child;
}

const archives = async () => {
  const rows = await asOwner<{ requests: number }>(
    world.db.ownerUrl,
    "select requests from prediction_archives where workspace_id = $1",
    [own.id],
  );
  return { files: rows.length, requests: rows.reduce((sum, { requests }) => sum + requests, 0) };
};

const inDatabase = async () =>
  (
    await asOwner<{ n: number }>(
      world.db.ownerUrl,
      "select count(*)::int as n from prediction_logs where workspace_id = $1",
      [own.id],
    )
  )[0]?.n ?? -1;

it("loses no request and keeps none twice when it is killed again and again, anywhere", async () => {
  let kills = 0;
  for (let round = 0; round < 4 && (await inDatabase()) > 0; round++) {
    const child = startArchiving();
    const ended = once(child, "exit");
    await Promise.race([once(child, "message"), ended]);
    // From the first query to well into a file, and further each time.
    await Promise.race([sleep(100 + round * 400), ended]);
    if (child.exitCode === null && child.kill("SIGKILL")) kills += 1;
    await ended;
    const { requests } = await archives();
    expect(requests + (await inDatabase())).toBe(entries.length);
  }
  expect(kills).toBeGreaterThan(0);
  await archivePredictions(own.job());
  expect(await inDatabase()).toBe(0);
  expect(await archives()).toEqual({ files: 6, requests: entries.length });
  const seen = await everyPage(own, {
    limit: 200,
    to: new Date(today - 17 * DAY_MS).toISOString(),
  });
  const ids = seen.map(({ requestId }) => requestId).toSorted();
  const wanted = entries.filter(({ atMs }) => atMs < today - 17 * DAY_MS);
  expect(ids).toEqual(wanted.map(({ requestId }) => requestId).toSorted());
}, 480_000);

it("archives at the same time as another process without doing anything twice", async () => {
  const deploymentId = newId();
  const more = Array.from({ length: 2_000 }, (_, at) =>
    oldEntry(own.id, { atMs: today - 30 * DAY_MS + at, deploymentId }),
  );
  await writeOldLog(world.db, own, more);
  const before = await archives();
  // One of two that take the same rows finds them gone and gives its file up.
  await Promise.allSettled([archivePredictions(own.job()), archivePredictions(own.job())]);
  await archivePredictions(own.job());
  expect(await inDatabase()).toBe(0);
  const after = await archives();
  expect(after.requests - before.requests).toBe(more.length);
  expect(await readdir(world.artifactsFolder)).not.toHaveLength(0);
}, 240_000);
