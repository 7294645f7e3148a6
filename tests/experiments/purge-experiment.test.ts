import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import {
  createExperiment,
  createLoggedModel,
  createRun,
  deleteExperiment,
  getExperiment,
  logBatch,
  purgeExperiment,
} from "@/server/experiments";
import { createModel, registerFromSource } from "@/server/registry";
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
});
afterAll(async () => {
  await server.close();
  await world.close();
});
beforeEach(async () => {
  a = await world.workspace();
  b = await world.workspace();
});

/** An experiment with a run that logged something, and a model from it. */
async function filled() {
  const ctx = a.as("admin");
  const experiment = await createExperiment(ctx, {
    name: "filled",
    tags: [{ key: "k", value: "v" }],
  });
  const run = await createRun(ctx, { experimentId: experiment.id });
  await logBatch(ctx, {
    runId: run.id,
    metrics: [{ key: "loss", value: 1, timestamp: 1, step: 1 }],
    params: [{ key: "lr", value: "0.1" }],
  });
  await createLoggedModel(ctx, { experiment: experiment.id, sourceRunId: run.id, name: "m" });
  return { ctx, experiment, run };
}

it("purging leaves no row of an experiment, frees its name and is audited", async () => {
  const { ctx, experiment, run } = await filled();
  const other = await createRun(ctx, { name: "of another" });
  await deleteExperiment(ctx, { experiment: experiment.id });
  expect(await purgeExperiment(ctx, { experiment: experiment.id })).toEqual({
    id: experiment.id,
    runs: 1,
  });
  for (const table of ["run_metrics", "run_latest_metrics", "run_params", "run_tags"]) {
    const rows = await asOwner(world.db.ownerUrl, `select 1 from ${table} where run_id = $1`, [
      run.id,
    ]);
    expect(rows, table).toEqual([]);
  }
  for (const table of ["runs", "logged_models", "experiment_tags"]) {
    const rows = await asOwner(
      world.db.ownerUrl,
      `select 1 from ${table} where experiment_id = $1`,
      [experiment.id],
    );
    expect(rows, table).toEqual([]);
  }
  expect((await createExperiment(ctx, { name: "filled" })).id).not.toBe(experiment.id);
  expect(
    await asOwner(world.db.ownerUrl, "select 1 from runs where id = $1", [other.id]),
  ).toHaveLength(1);
  const audited = await asOwner<{ action: string }>(
    world.db.ownerUrl,
    "select action from audit_log where workspace_id = $1 and subject_id = $2 order by seq",
    [a.id, experiment.id],
  );
  expect(audited.map(({ action }) => action)).toEqual([
    "experiment.created",
    "experiment.deleted",
    "experiment.purged",
  ]);
});

it("refuses an active experiment, and one whose run a version came from, and then deletes nothing", async () => {
  const { ctx, experiment, run } = await filled();
  const purge = () => purgeExperiment(ctx, { experiment: experiment.id });
  await expect(purge()).rejects.toMatchObject({ code: "conflict" });
  const model = await createModel(ctx, { name: "m", type: "classification", framework: "custom" });
  await registerFromSource(ctx, {
    model: model.id,
    source: `runs:/${run.id.replaceAll("-", "")}/x`,
  });
  await deleteExperiment(ctx, { experiment: experiment.id });
  await expect(purge()).rejects.toMatchObject({ code: "conflict" });
  expect((await getExperiment(ctx, { experiment: experiment.id })).name).toBe("filled");
  const models = await asOwner(
    world.db.ownerUrl,
    "select 1 from logged_models where experiment_id = $1",
    [experiment.id],
  );
  expect(models).toHaveLength(1);
});

it("is forbidden to who may only read, and does not find another workspace's experiment", async () => {
  const { ctx, experiment } = await filled();
  await deleteExperiment(ctx, { experiment: experiment.id });
  const input = { experiment: experiment.id };
  await expect(purgeExperiment(a.as("viewer"), input)).rejects.toMatchObject({ code: "forbidden" });
  await expect(purgeExperiment(b.as("admin"), input)).rejects.toMatchObject({ code: "not_found" });
});

it("a run starts over REST in the experiment that the address names", async () => {
  const experiment = await createExperiment(a.as("admin"), { name: "by address" });
  const key = await a.key("data_scientist");
  const send = (which: string | number, body: unknown) =>
    fetch(`${server.url}/api/v1/experiments/${which}/start`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const reply = await send(experiment.number, { name: "go", tags: [{ key: "k", value: "v" }] });
  expect(reply.status).toBe(201);
  expect(await reply.json()).toMatchObject({
    name: "go",
    status: "RUNNING",
    experimentId: experiment.id,
  });
  expect((await send(99, {})).status).toBe(404);
  expect((await send(experiment.number, { experimentId: experiment.id })).status).toBe(422);
  await deleteExperiment(a.as("admin"), { experiment: experiment.id });
  expect((await send(experiment.number, {})).status).toBe(409);
});
