import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { collectObjects, openObject } from "@/server/artifacts";
import { createRun, openRunArtifact, putRunArtifact } from "@/server/experiments";
import { archiveRuns, purgeRuns } from "@/server/experiments/bulk";
import type { Context } from "@/server/kernel/context";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

let world: TestWorld;
let a: TestWorkspace;
beforeAll(async () => {
  world = await createTestWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  a = await world.workspace();
});

const DAYS = 24 * 3600 * 1000;
/** The upkeep job as it runs that many days from now. */
const inDays = (days: number): Context => ({
  ...a.job(),
  now: () => new Date(Date.now() + days * DAYS),
});

const logFile = async (content: string): Promise<string> => {
  const run = await createRun(a.as("admin"), {});
  await putRunArtifact(a.as("admin"), {
    owner: { kind: "run", id: run.id },
    path: "notes.txt",
    content: Readable.from([content]),
  });
  return run.id;
};

const books = () =>
  asOwner<{ keys: number; objects: number }>(
    world.db.ownerUrl,
    `select (select count(*)::int from object_keys where workspace_id = $1) as keys,
       (select count(*)::int from artifact_objects where workspace_id = $1) as objects`,
    [a.id],
  ).then(([row]) => row);

const readBack = async (runId: string): Promise<string> => {
  const file = await openRunArtifact(a.as("viewer"), {
    owner: { kind: "run", id: runId },
    path: "notes.txt",
  });
  return text(await openObject(a.as("viewer"), file));
};

it("keeps what a row stands for, however old", async () => {
  const runId = await logFile("kept");
  expect(await collectObjects(inDays(400))).toBe(0);
  expect(await readBack(runId)).toBe("kept");
});

it("removes the bytes of deleted runs and of uploads without a row after a day, and not before", async () => {
  const runId = await logFile("gone");
  const kept = await logFile("kept");
  await world.objects.put(a.id, Readable.from(["never noted"]), 100);
  await archiveRuns(a.as("admin"), { runIds: [runId] });
  await purgeRuns(a.as("admin"), { runIds: [runId] });
  expect(await collectObjects(inDays(0.9))).toBe(0);
  expect(await books()).toEqual({ keys: 3, objects: 2 });
  expect(await collectObjects(inDays(1.1))).toBe(2);
  expect(await books()).toEqual({ keys: 1, objects: 1 });
  expect(await readBack(kept)).toBe("kept");
});

it("leaves content alone that is stored again and gets its row later", async () => {
  await world.objects.put(a.id, Readable.from(["twice"]), 100);
  await asOwner(
    world.db.ownerUrl,
    "update object_keys set created_at = now() - interval '3 days' where workspace_id = $1",
    [a.id],
  );
  await world.objects.put(a.id, Readable.from(["twice"]), 100);
  expect(await collectObjects(inDays(0))).toBe(0);
  expect(await readBack(await logFile("twice"))).toBe("twice");
});

it("loses nothing when contents are stored and collected at the same time", async () => {
  const rounds = Array.from({ length: 20 }, (_, i) => `content ${i % 4}`);
  const runs: string[] = [];
  await Promise.all([
    ...rounds.map(async (content) => runs.push(await logFile(content))),
    ...Array.from({ length: 20 }, () => collectObjects(inDays(0))),
  ]);
  for (const runId of runs) expect(await readBack(runId)).toMatch(/^content \d$/);
});

it("touches no other workspace", async () => {
  const b = await world.workspace();
  await world.objects.put(b.id, Readable.from(["theirs"]), 100);
  expect(await collectObjects(inDays(30))).toBe(0);
});
