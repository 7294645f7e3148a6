import { afterAll, beforeAll, expect, it } from "vitest";
import { newId } from "@/server/kernel/ids";
import {
  archivePredictions,
  getPredictionRetention,
  getPredictionStorage,
  setPredictionRetention,
} from "@/server/predictions";
import { DEFAULT_RETENTION } from "@/server/predictions/retention/schemas";
import { asOwner } from "../support/database";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { DAY_MS, oldEntry, writeOldLog } from "./support/old-log";

let world: TestWorld;
let server: TestServer;
let a: TestWorkspace;
let b: TestWorkspace;
beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world);
  a = await world.workspace();
  b = await world.workspace();
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const audited = async (workspace: TestWorkspace) =>
  (
    await asOwner(
      world.db.ownerUrl,
      "select from audit_log where workspace_id = $1 and action = 'workspace.prediction_retention_changed'",
      [workspace.id],
    )
  ).length;

it("keeps what an administrator says, with an audit row, in one workspace", async () => {
  expect(await getPredictionRetention(a.as("viewer"))).toEqual(DEFAULT_RETENTION);
  const wanted = { keepDays: 3, archiveDays: 30, resultDays: 20 };
  expect(await setPredictionRetention(a.as("admin"), wanted)).toEqual(wanted);
  expect(await getPredictionRetention(a.as("viewer"))).toEqual(wanted);
  expect(await audited(a)).toBe(1);
  expect(await getPredictionRetention(b.as("viewer"))).toEqual(DEFAULT_RETENTION);
  expect(await audited(b)).toBe(0);
});

it("refuses who may not set up the workspace", async () => {
  const wanted = { keepDays: 1, archiveDays: 0 };
  await expect(setPredictionRetention(a.as("viewer"), wanted)).rejects.toMatchObject({
    code: "forbidden",
  });
  await expect(setPredictionRetention(a.as("ml_engineer"), wanted)).rejects.toMatchObject({
    code: "forbidden",
  });
});

it("refuses days that contradict each other or are out of range, over REST", async () => {
  const key = await a.key("admin");
  const put = async (body: unknown) =>
    (
      await fetch(`${server.url}/api/v1/predictions/retention`, {
        method: "PUT",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      })
    ).status;
  expect(await put({ keepDays: 7, archiveDays: 7 })).toBe(422);
  expect(await put({ keepDays: 0, archiveDays: 7 })).toBe(422);
  expect(await put({ keepDays: 7, archiveDays: 100_000 })).toBe(422);
  expect(await put({ keepDays: 7 })).toBe(422);
  expect(await put({ keepDays: 7, archiveDays: 0 })).toBe(200);
  // What a caller does not know of stays as it was.
  expect(await getPredictionRetention(a.as("viewer"))).toEqual({
    ...{ keepDays: 7, archiveDays: 0, resultDays: 20 },
  });
});

it("says how much the log takes, in the database and in archives, of one workspace", async () => {
  const atMs = Date.now() - 40 * DAY_MS;
  const deploymentId = newId();
  const entries = [0, 1, 2].map((at) => oldEntry(a.id, { atMs: atMs + at, deploymentId }));
  await writeOldLog(world.db, a, entries);
  const hot = await getPredictionStorage(a.as("viewer"));
  expect(hot).toMatchObject({
    database: { requests: 3, isMore: false, from: new Date(atMs).toISOString() },
    archives: { files: 0, requests: 0, bytes: 0, from: null, to: null },
    results: { files: 0, bytes: 0 },
  });
  expect(hot.database.bytes).toBeGreaterThan(100);
  await setPredictionRetention(a.as("admin"), { keepDays: 7, archiveDays: 100 });
  await archivePredictions(a.job());
  const cold = await getPredictionStorage(a.as("viewer"));
  expect(cold.database).toEqual({ requests: 0, isMore: false, bytes: 0, from: null, to: null });
  expect(cold.archives).toMatchObject({ files: 1, requests: 3, to: hot.database.to });
  expect(cold.archives.bytes).toBeGreaterThan(100);
  expect((await getPredictionStorage(b.as("viewer"))).archives.files).toBe(0);
});
