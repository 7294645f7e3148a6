import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { registryChange } from "@/inngest/events";
import { deleteDataset } from "@/server/datasets";
import type { Context } from "@/server/kernel/context";
import { beginBatchRun } from "@/server/predictions";
import { cancelBatchJob } from "@/server/predictions/jobs/cancel-job";
import { createBatchJob } from "@/server/predictions/jobs/create-job";
import { deleteBatchJob } from "@/server/predictions/jobs/delete-job";
import { getBatchJob } from "@/server/predictions/jobs/get-job";
import { listBatchErrors } from "@/server/predictions/jobs/list-errors";
import { listBatchJobs } from "@/server/predictions/jobs/list-jobs";
import { resumeBatchJob } from "@/server/predictions/jobs/resume-job";
import { saveBatchResult } from "@/server/predictions/jobs/save-result";
import { deleteVersion } from "@/server/registry/delete-version";
import { createWebhook, queueDeliveries } from "@/server/webhooks";
import { auditActions } from "../../access/people";
import {
  addVersion,
  createDeployedWorld,
  type Deployed,
  type DeployedWorld,
  deployModel,
  slopeModel,
} from "../../deployments/support/deployed-world";
import { asOwner } from "../../support/database";
import type { TestWorkspace } from "../../support/workspace";
import { addVariant } from "../support/variants";
import { datasetOf, finishJob, type NewJob, resultRows, runJob } from "./batch-world";

let world: DeployedWorld;
let a: TestWorkspace;
let b: TestWorkspace;
let deployed: Deployed;
let admin: Context;
let small: string;
beforeAll(async () => {
  world = await createDeployedWorld();
  a = await world.workspace();
  b = await world.workspace();
  admin = a.as("admin");
  deployed = await deployModel(world, a, "lines");
  small = await datasetOf(admin, "a,b\n1,2\nx,2\n3,4\n");
});
afterAll(() => world.close());

const refusal = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return (error as { code?: string } | undefined)?.code;
};
const create = (input: Partial<NewJob> = {}) =>
  createBatchJob(admin, { deployment: "lines", dataset: small, ...input } as NewJob);

describe("a batch job is asked for", () => {
  it("by who may predict, once in the trail, and waits with what it will do", async () => {
    const job = await createBatchJob(a.as("data_scientist"), {
      deployment: "lines",
      dataset: small,
      columns: "all",
    });
    expect(job).toMatchObject({
      ...{ status: "queued", versionNumber: 1, rowsTotal: 3, rowsRead: 0, progress: 0 },
      ...{ columns: ["a", "b"], onError: "skip", maxErrors: 100, rowsPerSecond: null },
      ...{ deploymentName: "lines", modelName: deployed.modelName, resultBytes: null },
    });
    expect(await auditActions(world, a.id)).toContain("batch_job.created");
    const { items } = await listBatchJobs(a.as("viewer"), { status: "queued" });
    expect(items).toContainEqual(job);
    await cancelBatchJob(admin, { batchJob: job.id });
  });

  it("by nobody else, and not for what another workspace holds", async () => {
    const input = { deployment: "lines", dataset: small };
    expect(await refusal(createBatchJob(a.as("viewer"), input))).toBe("forbidden");
    expect(await refusal(createBatchJob(b.as("admin"), input))).toBe("not_found");
    await deployModel(world, b, "lines");
    expect(await refusal(createBatchJob(b.as("admin"), input))).toBe("not_found");
  });

  it("only with a dataset that has the columns, of a kind the model takes", async () => {
    const lacking = await datasetOf(admin, "a,c\n1,2\n");
    const dated = await datasetOf(admin, "a,b\n1,2026-01-01\n");
    await expect(create({ dataset: lacking })).rejects.toMatchObject({
      code: "validation_failed",
      details: { issues: [{ path: "dataset", message: "has no column b" }] },
    });
    await expect(create({ dataset: dated })).rejects.toThrow(
      "column b holds dates, the model takes a number",
    );
    await expect(create({ columns: ["zz"] })).rejects.toThrow("zz, which is no column");
  });

  it("with the version it had then, whatever the deployment serves later", async () => {
    const job = await create();
    const other = await addVersion(admin, deployed.modelId, slopeModel(100));
    await addVariant(world, deployed.deploymentId, { versionId: other, name: "v2", weight: 60 });
    await runJob(a.job(), job);
    expect(await resultRows(admin, job.id)).toMatchObject([
      { row: 1n, prediction: 3, model_version: 1 },
      { row: 2n, prediction: null, error: "a must be a number, got x" },
      { row: 3n, prediction: 7, model_version: 1 },
    ]);
    expect((await create()).versionNumber).toBe(2);
    const named = await finishJob(admin, a.job(), {
      model: deployed.modelName,
      version: "1",
      dataset: small,
    });
    expect(named).toMatchObject({ status: "completed", deploymentId: null, versionNumber: 1 });
  });
});

describe("batch jobs run", () => {
  it("two at a time in a workspace; the end of one starts the one that waits longest", async () => {
    for (const { id } of (await listBatchJobs(admin, { status: "queued" })).items) {
      await cancelBatchJob(admin, { batchJob: id });
    }
    const jobs = [await create(), await create(), await create()];
    const begin = (at: number) =>
      beginBatchRun(a.job(), { jobId: jobs[at]?.id ?? "", attempt: 1, ref: `run-${at}` });
    expect([await begin(0), await begin(1), await begin(2)]).toEqual([true, true, false]);
    // The same run goes on after a kill; another one has nothing to do.
    expect(await begin(0)).toBe(true);
    const stranger = { jobId: jobs[0]?.id ?? "", attempt: 1, ref: "another" };
    expect(await beginBatchRun(a.job(), stranger)).toBe(false);
    await cancelBatchJob(admin, { batchJob: jobs[0]?.id ?? "" });
    const asked = await asOwner<{ job: string }>(
      world.db.ownerUrl,
      `select data->>'jobId' as job from outbox
       where name = 'predictions/batch_job.requested' order by id desc limit 1`,
    );
    expect(asked).toEqual([{ job: jobs[2]?.id }]);
    expect(await begin(2)).toBe(true);
    for (const job of jobs.slice(1)) await cancelBatchJob(admin, { batchJob: job.id });
  });

  it("until a row does not fit, where they are told so, or until too many do not", async () => {
    const strict = await finishJob(admin, a.job(), {
      deployment: "lines",
      dataset: small,
      onError: "fail",
    });
    expect(strict).toMatchObject({
      status: "failed",
      error: "Row 2: a must be a number, got x.",
      rowsRead: 0,
    });
    const bad = await datasetOf(admin, "a,b\n1,1\nx,2\ny,4\n");
    const wanted = { deployment: "lines", dataset: bad, maxErrors: 1 };
    const bounded = await finishJob(admin, a.job(), wanted);
    expect(bounded.status).toBe("failed");
    expect(bounded.error).toContain("More than 1 of 3 rows got no answer");
    const borne = await finishJob(admin, a.job(), { ...wanted, maxErrors: 2 });
    expect(borne).toMatchObject({ status: "completed", rowsDone: 1, rowsFailed: 2 });
    const page = await listBatchErrors(admin, { batchJob: borne.id, limit: 1 });
    expect(page.items.map(({ row }) => row)).toEqual([2]);
    const { items, nextCursor } = await listBatchErrors(admin, {
      batchJob: borne.id,
      limit: 1,
      cursor: page.nextCursor ?? "",
    });
    expect([items.map(({ row }) => row), nextCursor]).toEqual([[3], null]);
  });
});

describe("a batch job is changed", () => {
  it("only by who may predict in its workspace, in states that allow it", async () => {
    const job = await create();
    const ref = { batchJob: job.id };
    for (const verb of [cancelBatchJob, resumeBatchJob, deleteBatchJob]) {
      expect(await refusal(verb(a.as("viewer"), ref))).toBe("forbidden");
      expect(await refusal(verb(b.as("admin"), ref))).toBe("not_found");
    }
    expect(await refusal(resumeBatchJob(admin, ref))).toBe("conflict");
    expect(await refusal(deleteBatchJob(admin, ref))).toBe("conflict");
    expect(await refusal(saveBatchResult(admin, { ...ref, name: "saved" }))).toBe("conflict");
    expect((await cancelBatchJob(admin, ref)).status).toBe("cancelled");
    expect((await cancelBatchJob(admin, ref)).status).toBe("cancelled");
    expect(await resumeBatchJob(admin, ref)).toMatchObject({ status: "queued", attempt: 2 });
    await runJob(a.job(), { ...job, attempt: 2 });
    expect(await getBatchJob(admin, ref)).toMatchObject({ status: "completed", rowsDone: 2 });
    expect(await refusal(cancelBatchJob(admin, ref))).toBe("conflict");
    await deleteBatchJob(admin, ref);
    expect(await refusal(getBatchJob(admin, ref))).toBe("not_found");
    expect(await auditActions(world, a.id)).toEqual(
      expect.arrayContaining(
        ["cancelled", "resumed", "completed", "deleted"].map((done) => `batch_job.${done}`),
      ),
    );
  });

  it("into a dataset with its result, and its next version", async () => {
    const job = await finishJob(admin, a.job(), { deployment: "lines", dataset: small });
    const ref = { batchJob: job.id, name: "answers" };
    expect(await refusal(saveBatchResult(a.as("viewer"), ref))).toBe("forbidden");
    expect(await refusal(saveBatchResult(b.as("admin"), ref))).toBe("not_found");
    const saved = await saveBatchResult(admin, ref);
    expect(saved).toMatchObject({ name: "answers", version: 1, rows: 3, format: "parquet" });
    expect(saved.columns.map(({ name }) => name)).toEqual([
      ...["row", "prediction", "model_version", "error"],
    ]);
  });

  it("and tells webhooks how it ended, with its id", async () => {
    const webhook = await createWebhook(admin, {
      name: "batches",
      url: "https://example.org/hook",
      events: ["batch_job.completed"],
    });
    const job = await finishJob(admin, a.job(), { deployment: "lines", dataset: small });
    const [event] = await asOwner<{ id: string; name: string; data: Record<string, string> }>(
      world.db.ownerUrl,
      `select id, name, data from outbox
       where name like 'predictions/batch_job.%' and data->>'jobId' = $1 order by id desc limit 1`,
      [job.id],
    );
    const { data, name = "", id: eventId = "" } = event ?? {};
    const about = registryChange.parse(data);
    const happened = { ...about, name, eventId, at: new Date() };
    expect(await queueDeliveries(a.job(), happened)).toBe(1);
    const [delivery] = await asOwner<{ body: string }>(
      world.db.ownerUrl,
      "select body from webhook_deliveries where webhook_id = $1",
      [webhook.id],
    );
    expect(JSON.parse(delivery?.body ?? "{}")).toMatchObject({
      type: "batch_job.completed",
      data: { name: deployed.modelName, batch_job_id: job.id },
    });
  });

  it("by nobody who deletes what it still reads", async () => {
    const dataset = await datasetOf(admin, "a,b\n1,1\n");
    const job = await createBatchJob(admin, { deployment: "lines", dataset });
    expect(await refusal(deleteDataset(admin, { dataset }))).toBe("conflict");
    const version = { model: deployed.modelId, version: String(job.versionNumber) };
    expect(await refusal(deleteVersion(admin, version))).toBe("conflict");
    await cancelBatchJob(admin, { batchJob: job.id });
    await deleteDataset(admin, { dataset });
    expect(await refusal(resumeBatchJob(admin, { batchJob: job.id }))).toBe("not_found");
  });
});
