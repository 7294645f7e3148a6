import { afterAll, beforeAll, expect, it } from "vitest";
import type { Context } from "@/server/kernel/context";
import { getBatchJob, previewBatchResult } from "@/server/predictions/jobs/get-job";
import { eraseSubject, exportSubject } from "@/server/privacy";
import {
  createDeployedWorld,
  type DeployedWorld,
  deployModel,
} from "../deployments/support/deployed-world";
import { datasetOf, finishJob, resultRows } from "../predictions/jobs/batch-world";
import { asOwner } from "../support/database";
import type { TestWorkspace } from "../support/workspace";

let world: DeployedWorld;
let own: TestWorkspace;
let stranger: TestWorkspace;
let admin: Context;
/** A job whose result repeats what the dataset says of people, and one that repeats nothing. */
const jobs: { told: string; plain: string; foreign: string } = { told: "", plain: "", foreign: "" };
const subject = "customer-4711-north";

beforeAll(async () => {
  world = await createDeployedWorld();
  own = await world.workspace();
  stranger = await world.workspace();
  admin = own.as("admin");
  const rows = [
    `1,2,${subject},42`,
    `3,4,${subject}-east,43`,
    `5,6,"met ${subject}, twice",44`,
    "7,8,nobody,421",
  ];
  const run = async (workspace: TestWorkspace, columns: "all" | string[]) => {
    const people = workspace.as("admin");
    const dataset = await datasetOf(people, `a,b,name,account\n${rows.join("\n")}\n`);
    const job = await finishJob(people, workspace.job(), { deployment: "lines", dataset, columns });
    expect(job.status).toBe("completed");
    return job.id;
  };
  for (const workspace of [own, stranger]) await deployModel(world, workspace, "lines");
  jobs.told = await run(own, ["name", "account"]);
  jobs.plain = await run(own, []);
  jobs.foreign = await run(stranger, "all");
}, 120_000);
afterAll(() => world.close());

const numbers = async (workspace: TestWorkspace, job: string) =>
  (await resultRows(workspace.as("admin"), job)).map(({ row }) => Number(row));
const inResults = async (fields: string[] = [], who = subject) => {
  let text = "";
  for await (const piece of await exportSubject(admin, { subject: who, fields })) text += piece;
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { table: string; record: unknown })
    .filter(({ table }) => table === "batch_job_results")
    .map(({ record }) => record);
};
const reported = async (input: Parameters<typeof eraseSubject>[1]) => {
  const { state, report } = await eraseSubject(admin, input);
  return { state, table: report?.tables.find(({ table }) => table === "batch_job_results") };
};
const stored = async () =>
  (
    await asOwner<{ sha256: string }>(
      world.db.ownerUrl,
      "select result_sha256 as sha256 from batch_jobs where id = $1",
      [jobs.told],
    )
  )[0]?.sha256 ?? "";

it("hands out the rows of results a person is meant in, and counts them in a dry run", async () => {
  expect(await inResults()).toEqual([
    { batchJob: jobs.told, row: { name: subject, account: "42" } },
    { batchJob: jobs.told, row: { name: `met ${subject}, twice`, account: "44" } },
  ]);
  expect(await inResults(["account"], "42")).toHaveLength(1);
  const { table } = await reported({ subject, dryRun: true });
  expect(table).toMatchObject({ found: 2, deleted: 0, left: 2 });
  expect(await numbers(own, jobs.told)).toEqual([1, 2, 3, 4]);
}, 180_000);

it("writes results again without those rows, keeps the others, and the file before is gone", async () => {
  const before = await stored();
  const { state, table } = await reported({ subject });
  expect(state).toBe("complete");
  expect(table).toEqual({ table: "batch_job_results", found: 2, deleted: 2, changed: 0, left: 0 });
  expect(await numbers(own, jobs.told)).toEqual([2, 4]);
  expect(await numbers(own, jobs.plain)).toEqual([1, 2, 3, 4]);
  expect(await numbers(stranger, jobs.foreign)).toEqual([1, 2, 3, 4]);
  const { rows } = await previewBatchResult(admin, { batchJob: jobs.told });
  expect(rows.map(([row]) => row)).toEqual([2, 4]);
  await expect(world.objects.get(own.id, before)).rejects.toMatchObject({ code: "not_found" });
  expect(await inResults()).toEqual([]);
}, 180_000);

it("looks at named columns only where they are named, whatever the number is part of", async () => {
  expect(await inResults(["name"], "421")).toEqual([]);
  const { table } = await reported({ subject: "421", fields: ["account"] });
  expect(table).toMatchObject({ found: 1, deleted: 1, left: 0 });
  expect(await numbers(own, jobs.told)).toEqual([2]);
  expect(await getBatchJob(admin, { batchJob: jobs.told })).toMatchObject({ status: "completed" });
}, 180_000);
