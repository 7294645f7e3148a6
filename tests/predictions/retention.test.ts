import { afterAll, beforeAll, expect, it } from "vitest";
import { getPredictionRetention, setPredictionRetention } from "@/server/predictions";
import { asOwner } from "../support/database";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

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
  expect(await getPredictionRetention(a.as("viewer"))).toEqual({ keepDays: 14, archiveDays: 365 });
  const wanted = { keepDays: 3, archiveDays: 30 };
  expect(await setPredictionRetention(a.as("admin"), wanted)).toEqual(wanted);
  expect(await getPredictionRetention(a.as("viewer"))).toEqual(wanted);
  expect(await audited(a)).toBe(1);
  expect(await getPredictionRetention(b.as("viewer"))).toEqual({ keepDays: 14, archiveDays: 365 });
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
  expect(await getPredictionRetention(a.as("viewer"))).toEqual({ keepDays: 7, archiveDays: 0 });
});
