import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createExperiment, createSourceClient, getRun, logBatch } from "@/server/experiments";
import { importExperiment } from "@/server/experiments/import/import-experiment";
import { beginRunImport, finishRunImport } from "@/server/experiments/import/import-run";
import { createOutbound } from "@/server/kernel/outbound";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

let world: TestWorld;
let a: TestWorkspace;
let b: TestWorkspace;
beforeAll(async () => {
  world = await createTestWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  a = await world.workspace();
  b = await world.workspace();
});

const ID = "0123456789abcdef0123456789abcdef";
const there = (id: number, name = "theirs") => ({
  from: `http://mlflow#${id}`,
  number: id,
  name,
  tags: [{ key: "k", value: "v" }],
});
const runOf = (experimentId: string) => ({
  id: ID,
  experimentId,
  name: "r",
  userName: "u",
  startTime: 5,
});
const end = { id: ID, status: "FINISHED" as const, endTime: 9, isDeleted: false, from: "x" };
const audited = async (action: string) =>
  asOwner(world.db.ownerUrl, "select 1 from audit_log where workspace_id = $1 and action = $2", [
    a.id,
    action,
  ]);

describe("an imported experiment", () => {
  it("keeps number and name where they are free, is found again, and is audited once", async () => {
    const ctx = a.as("data_scientist");
    const first = await importExperiment(ctx, there(7));
    expect(first).toMatchObject({ number: 7, name: "theirs", isDeleted: false });
    expect(await importExperiment(ctx, there(7))).toEqual(first);
    expect(await audited("experiment.imported")).toHaveLength(1);
  });

  it("gets another number and name where ours has them, which stays as it is", async () => {
    const ctx = a.as("data_scientist");
    const ours = await createExperiment(ctx, { name: "theirs" });
    const made = await importExperiment(ctx, there(ours.number));
    expect(made).toMatchObject({ number: ours.number + 1, name: "theirs (imported)" });
    expect(await importExperiment(ctx, there(0, "Default"))).toMatchObject({ number: 0 });
  });

  it("is forbidden to who may only read", async () => {
    const refused = { code: "forbidden" };
    await expect(importExperiment(a.as("viewer"), there(1))).rejects.toMatchObject(refused);
    const { id } = await importExperiment(a.as("admin"), there(1));
    await expect(beginRunImport(a.as("viewer"), runOf(id))).rejects.toMatchObject(refused);
    const finish = { ...end, sent: { params: 0, metrics: 0, points: 0, artifacts: 0 } };
    await expect(finishRunImport(a.as("viewer"), finish)).rejects.toMatchObject(refused);
  });
});

describe("an imported run", () => {
  it("runs until all that was sent is stored, then has its status, and is whole", async () => {
    const ctx = a.as("data_scientist");
    const { id } = await importExperiment(ctx, there(3));
    expect(await beginRunImport(ctx, runOf(id))).toBe("copy");
    expect(await beginRunImport(ctx, runOf(id))).toBe("copy");
    const sent = { params: 1, metrics: 0, points: 0, artifacts: 0 };
    await expect(finishRunImport(ctx, { ...end, sent })).rejects.toMatchObject({
      code: "conflict",
    });
    expect((await getRun(ctx, { runId: ID })).status).toBe("RUNNING");
    await logBatch(ctx, { runId: ID, params: [{ key: "p", value: "1" }] });
    await finishRunImport(ctx, { ...end, sent });
    const run = await getRun(ctx, { runId: ID });
    expect(run).toMatchObject({ status: "FINISHED", tags: [] });
    expect(await beginRunImport(ctx, runOf(id))).toBe("whole");
    expect(await audited("run.imported")).toHaveLength(1);
  });

  it("is no run of another workspace, and none that another experiment has", async () => {
    const ctx = a.as("data_scientist");
    const { id } = await importExperiment(ctx, there(3));
    const other = await importExperiment(ctx, there(4, "other"));
    await beginRunImport(ctx, runOf(id));
    await expect(beginRunImport(ctx, runOf(other.id))).rejects.toMatchObject({ code: "conflict" });
    const away = b.as("admin");
    await expect(beginRunImport(away, runOf(id))).rejects.toMatchObject({ code: "not_found" });
    const sent = { params: 0, metrics: 0, points: 0, artifacts: 0 };
    await expect(finishRunImport(away, { ...end, sent })).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

it("a source that fails in passing is asked again, with the password of its address", async () => {
  const asked: (string | undefined)[] = [];
  const http = createServer((request, reply) => {
    asked.push(request.headers.authorization);
    reply.statusCode = asked.length < 3 ? 503 : 200;
    reply.end('{"step": 9007199254740993, "value": "NaN"}');
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const source = createSourceClient({
    uri: `http://me:p%40ss@127.0.0.1:${(http.address() as AddressInfo).port}/`,
    outbound: createOutbound({ allowPrivate: true }),
    backOffMs: [1, 1, 1],
  });
  expect(await source.get("/x")).toEqual({ step: 9007199254740993n, value: "NaN" });
  expect(asked).toEqual(Array(3).fill(`Basic ${Buffer.from("me:p@ss").toString("base64")}`));
  source.close();
  await new Promise((resolve) => http.close(resolve));
});
