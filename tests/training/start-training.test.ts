import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deleteDataset } from "@/server/datasets";
import { getRun } from "@/server/experiments";
import { createModel, deleteModel } from "@/server/registry";
import { cancelJob, getJob, listAlgorithms, listJobs, startTraining } from "@/server/training";
import { asOwner } from "../support/database";
import { createTrainingLab, csv, type TrainingLab } from "./support/training-lab";

let lab: TrainingLab;
beforeAll(async () => {
  lab = await createTrainingLab();
});
afterAll(() => lab.close());

const owner = <T extends object>(sql: string, values: unknown[] = []) =>
  asOwner<T>(lab.world.db.ownerUrl, sql, values);

it("queues a job with its run, audit row and event in one transaction", async () => {
  const jobId = await lab.start({ priority: 3, description: "first", version: "0.1" });
  const job = await getJob(lab.a.as("viewer"), { job: jobId });
  expect(job).toMatchObject({
    status: "queued",
    progress: 0,
    modelName: "churn",
    datasetName: "customers",
    datasetVersion: 1,
    algorithm: "logistic_regression",
    task: "classification",
    target: "label",
    validationSplit: 0.2,
    testSplit: 0.2,
    seed: 42,
    priority: 3,
    version: "0.1",
    versionId: null,
    attempt: 0,
    createdBy: expect.stringContaining("data_scientist"),
  });
  const run = await getRun(lab.a.as("viewer"), { runId: job.runId });
  expect(run.experimentName).toBe("churn");
  const audit = await owner("select action from audit_log where subject_id = $1", [jobId]);
  expect(audit).toEqual([{ action: "training_job.created" }]);
  const events = await owner("select name, data from outbox where data->>'jobId' = $1", [jobId]);
  expect(events).toEqual([
    {
      name: "training/job.requested",
      data: { jobId, runId: job.runId, modelId: lab.modelId, workspaceId: lab.a.id },
    },
  ]);
});

it("does not exist for another workspace, neither its model nor its job", async () => {
  const b = await lab.world.workspace();
  const jobId = await lab.start();
  await expect(getJob(b.as("admin"), { job: jobId })).rejects.toMatchObject({ code: "not_found" });
  await expect(cancelJob(b.as("admin"), { job: jobId })).rejects.toMatchObject({
    code: "not_found",
  });
  expect((await listJobs(b.as("admin"), {})).items).toEqual([]);
  await createModel(b.as("admin"), {
    name: "churn",
    type: "classification",
    framework: "scikit-learn",
  });
  const theirs = { model: "churn", datasetId: lab.datasetId, target: "label" };
  await expect(
    startTraining(b.as("admin"), { ...theirs, algorithm: "random_forest" }),
  ).rejects.toMatchObject({ code: "not_found" });
});

it("refuses who may not train, and shows viewers everything", async () => {
  await expect(lab.start({}, "viewer")).rejects.toMatchObject({ code: "forbidden" });
  await expect(lab.start({}, "operator")).rejects.toMatchObject({ code: "forbidden" });
  const jobId = await lab.start();
  await expect(cancelJob(lab.a.as("viewer"), { job: jobId })).rejects.toMatchObject({
    code: "forbidden",
  });
  const { algorithms } = await listAlgorithms(lab.a.as("viewer"));
  expect(algorithms.map(({ id }) => id)).toContain("xgboost");
});

describe("refuses before queueing", () => {
  type Wrong = Parameters<TrainingLab["start"]>[0];
  const cases: [string, Wrong, string, RegExp][] = [
    [
      "an unknown target, with what was meant",
      { target: "labels" },
      "target",
      /Did you mean label/,
    ],
    ["a target with one value", { target: "same" }, "target", /one class/],
    ["an empty target", { target: "empty" }, "target", /no value in any row/],
    ["an unknown algorithm", { algorithm: "random_forrest" }, "algorithm", /random_forest/],
    [
      "an algorithm of another task",
      { algorithm: "linear_regression" },
      "algorithm",
      /makes no classification/,
    ],
    [
      "an unknown hyperparameter",
      { hyperparameters: { c: 1 } },
      "hyperparameters.c",
      /Did you mean C/,
    ],
    [
      "one out of range",
      { hyperparameters: { C: 0 } },
      "hyperparameters.C",
      /between 0.000001 and 1000000/,
    ],
    [
      "one of a wrong type",
      { hyperparameters: { max_iter: "many" } },
      "hyperparameters.max_iter",
      /must be a number/,
    ],
    [
      "a fraction for a whole number",
      { hyperparameters: { max_iter: 1.5 } },
      "hyperparameters.max_iter",
      /whole number/,
    ],
    [
      "a wrong choice",
      { hyperparameters: { class_weight: "heavy" } },
      "hyperparameters.class_weight",
      /none, balanced/,
    ],
    [
      "null where none is allowed",
      { hyperparameters: { tol: null } },
      "hyperparameters.tol",
      /may not be null/,
    ],
    [
      "the seed among hyperparameters",
      { hyperparameters: { random_state: 1 } },
      "hyperparameters.random_state",
      /seed/,
    ],
    ["a split that is too small", { testSplit: 0.01 }, "testSplit", /between 0.05 and 0.5/],
    [
      "splits that leave too little",
      { testSplit: 0.45, validationSplit: 0.45 },
      "validationSplit",
      /0.9 of the rows/,
    ],
  ];
  it.each(cases)("%s", async (_name, wrong, path, words) => {
    const before = await owner("select count(*)::int as n from runs");
    await expect(lab.start(wrong)).rejects.toMatchObject({
      code: "validation_failed",
      details: { issues: [{ path, message: expect.stringMatching(words) }] },
    });
    expect(await owner("select count(*)::int as n from runs")).toEqual(before);
  });

  it("a text target for a regression, and too many classes for a classification", async () => {
    const admin = lab.a.as("admin");
    await createModel(admin, { name: "price", type: "regression", framework: "xgboost" });
    await expect(
      lab.start({ model: "price", algorithm: "xgboost", target: "color" }),
    ).rejects.toMatchObject({ details: { issues: [{ message: /numeric target/ }] } });
    const many = await lab.upload(csv(300), "many");
    await expect(lab.start({ datasetId: many, target: "a" })).rejects.toMatchObject({
      details: { issues: [{ message: /200 classes at most/ }] },
    });
  });

  it("too few rows, and a table that is empty beside its target", async () => {
    const few = await lab.upload(csv(10), "few");
    await expect(lab.start({ datasetId: few })).rejects.toMatchObject({
      details: { issues: [{ message: /at least 20/ }] },
    });
    const rows = Array.from({ length: 40 }, (_, i) => `${i % 2 ? "yes" : "no"},`).join("\n");
    const bare = await lab.upload(`label,nothing\n${rows}\n`, "bare");
    await expect(lab.start({ datasetId: bare })).rejects.toMatchObject({
      details: { issues: [{ path: "features", message: /empty in all rows/ }] },
    });
  });

  it("features the model declares and the dataset lacks", async () => {
    await createModel(lab.a.as("admin"), {
      name: "picky",
      type: "classification",
      framework: "lightgbm",
      features: ["a", "colour"],
    });
    await expect(lab.start({ model: "picky" })).rejects.toMatchObject({
      details: { issues: [{ path: "features", message: /colour.*Did you mean color/ }] },
    });
  });

  it("a model of a type no trainer makes, unknown models and datasets", async () => {
    await createModel(lab.a.as("admin"), { name: "texts", type: "nlp", framework: "custom" });
    await expect(lab.start({ model: "texts" })).rejects.toMatchObject({
      code: "validation_failed",
    });
    await expect(lab.start({ model: "nobody" })).rejects.toMatchObject({ code: "not_found" });
    const datasetId = lab.modelId;
    await expect(lab.start({ datasetId })).rejects.toMatchObject({ code: "not_found" });
  });
});

it("lists by status and model, page by page in the order asked for", async () => {
  const ctx = lab.a.as("viewer");
  const all = await listJobs(ctx, { limit: 200 });
  expect(all.items.length).toBeGreaterThanOrEqual(3);
  const first = await listJobs(ctx, { limit: 2, sort: "priority" });
  expect(first.items[0]?.priority).toBe(3);
  const rest = await listJobs(ctx, {
    limit: 200,
    sort: "priority",
    cursor: first.nextCursor ?? "",
  });
  expect(first.items.length + rest.items.length).toBe(all.items.length);
  expect((await listJobs(ctx, { status: "running" })).items).toEqual([]);
  expect((await listJobs(ctx, { model: "price" })).items).toEqual([]);
  expect((await listJobs(ctx, { model: "CHURN" })).items).toHaveLength(all.items.length);
});

describe("cancelling", () => {
  it("ends a queued job at once, with its run, and again changes nothing", async () => {
    const ctx = lab.a.as("data_scientist");
    const jobId = await lab.start();
    const job = await cancelJob(ctx, { job: jobId });
    expect(job).toMatchObject({ status: "cancelled", versionId: null });
    expect(job.finishedAt).not.toBeNull();
    expect((await getRun(ctx, { runId: job.runId })).status).toBe("KILLED");
    expect(await cancelJob(ctx, { job: jobId })).toEqual(job);
    const names = await owner<{ name: string }>(
      "select name from outbox where data->>'jobId' = $1 order by created_at, id",
      [jobId],
    );
    expect(names.map(({ name }) => name)).toEqual([
      "training/job.requested",
      "training/job.cancelled",
    ]);
    const audit = await owner<{ action: string }>(
      "select action from audit_log where subject_id = $1 order by seq",
      [jobId],
    );
    expect(audit.map(({ action }) => action)).toEqual([
      "training_job.created",
      "training_job.cancel_requested",
      "training_job.cancelled",
    ]);
  });

  it("answers conflict for a job that ended otherwise", async () => {
    const jobId = await lab.start();
    await owner("update training_jobs set status = 'failed' where id = $1", [jobId]);
    await expect(cancelJob(lab.a.as("admin"), { job: jobId })).rejects.toMatchObject({
      code: "conflict",
    });
    await owner("update training_jobs set status = 'running', trained_at = now() where id = $1", [
      jobId,
    ]);
    await expect(cancelJob(lab.a.as("admin"), { job: jobId })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("being registered"),
    });
  });
});

it("keeps a dataset and a model that a job still needs", async () => {
  const admin = lab.a.as("admin");
  const jobId = await lab.start();
  await expect(deleteDataset(admin, { dataset: lab.datasetId })).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringMatching(/training job/),
  });
  await expect(deleteModel(admin, { model: "churn" })).rejects.toMatchObject({ code: "conflict" });
  await cancelJob(admin, { job: jobId });
});
