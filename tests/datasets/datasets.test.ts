import { randomUUID } from "node:crypto";
import { readFile, stat, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  createDataset,
  datasetGuards,
  deleteDataset,
  getDataset,
  listDatasets,
  listDatasetVersions,
  openDatasetContent,
  previewDataset,
} from "@/server/datasets";
import { stageFile } from "@/server/datasets/stage-file";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { cleanPrivateFolders, openPrivateFolder } from "@/server/kernel/process/private-folder";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

let world: TestWorld;
let a: TestWorkspace;
let b: TestWorkspace;
beforeAll(async () => {
  world = await createTestWorld();
  a = await world.workspace();
  b = await world.workspace();
});
afterAll(() => world.close());

async function make(
  ctx: Context,
  name: string,
  content = `x\n${randomUUID()}\n`,
  description = "",
) {
  const file = await stageFile(Readable.from([Buffer.from(content)]), "x.csv", 1e6);
  try {
    return (await createDataset(ctx, { name, description }, file)).dataset;
  } finally {
    await file.discard();
  }
}

const notFound = { code: "not_found" };

it("creates with an audit row, refuses viewers, other workspaces see nothing, bad names are refused", async () => {
  const made = await make(a.as("data_scientist"), "first");
  expect(made).toMatchObject({ version: 1, createdBy: expect.stringContaining("data_scientist") });
  const audit = await asOwner(
    world.db.ownerUrl,
    "select action from audit_log where subject_id = $1",
    [made.id],
  );
  expect(audit).toEqual([{ action: "dataset.created" }]);
  await expect(make(a.as("viewer"), "second")).rejects.toMatchObject({ code: "forbidden" });
  await expect(make(a.as("operator"), "second")).rejects.toMatchObject({ code: "forbidden" });
  for (const dataset of [made.id, "first"]) {
    await expect(getDataset(b.as("admin"), { dataset })).rejects.toMatchObject(notFound);
    await expect(previewDataset(b.as("admin"), { dataset })).rejects.toMatchObject(notFound);
    await expect(listDatasetVersions(b.as("admin"), { dataset })).rejects.toMatchObject(notFound);
  }
  await expect(openDatasetContent(b.job(), { datasetId: made.id })).rejects.toMatchObject(notFound);
  await expect(make(a.as("admin"), "a/../b")).rejects.toThrow();
});

it("finds a dataset by id or, in any case and form of its characters, by name", async () => {
  await make(a.as("admin"), "Café one");
  const newest = await make(a.as("admin"), "café ONE");
  expect(newest).toMatchObject({ name: "Café one", version: 2 });
  for (const dataset of [newest.id, "Café one", "CAFE\u0301 one"]) {
    expect((await getDataset(a.as("viewer"), { dataset })).id).toBe(newest.id);
  }
  for (const dataset of [randomUUID(), "none", "%", "'; drop table datasets; --"]) {
    await expect(getDataset(a.as("viewer"), { dataset })).rejects.toMatchObject(notFound);
  }
});

it("gives training the very bytes that were uploaded", async () => {
  const content = "a;b\n1;ü\n";
  const { id } = await make(a.as("admin"), "bytes", content);
  const opened = await openDatasetContent(a.job(), { datasetId: id });
  expect(opened).toMatchObject({ format: "csv", delimiter: ";", sizeBytes: 9 });
  expect(await text(opened.stream)).toBe(content);
});

it("previews pages of the first rows", async () => {
  const rows = Array.from({ length: 700 }, (_, i) => `${i},n${i}`);
  const { id } = await make(a.as("admin"), "long", `i,name\n${rows.join("\n")}\n`);
  const page = await previewDataset(a.as("viewer"), { dataset: id, limit: 2, offset: 498 });
  expect(page).toMatchObject({
    columns: [
      { name: "i", type: "integer" },
      { name: "name", type: "text" },
    ],
    rows: [
      { i: 498, name: "n498" },
      { i: 499, name: "n499" },
    ],
    availableRows: 500,
    totalRows: 700,
  });
  expect((await previewDataset(a.as("viewer"), { dataset: id, offset: 500 })).rows).toEqual([]);
  await expect(previewDataset(a.as("viewer"), { dataset: id, limit: 201 })).rejects.toThrow();
});

it("deletes one version with an audit row; the version before it is the newest again", async () => {
  const first = await make(a.as("admin"), "going");
  const second = await make(a.as("admin"), "going");
  await expect(deleteDataset(a.as("viewer"), { dataset: second.id })).rejects.toMatchObject({
    code: "forbidden",
  });
  await expect(deleteDataset(b.as("admin"), { dataset: second.id })).rejects.toMatchObject(
    notFound,
  );
  await expect(deleteDataset(a.as("admin"), { dataset: "going" })).rejects.toMatchObject(notFound);
  await deleteDataset(a.as("data_scientist"), { dataset: second.id });
  await expect(getDataset(a.as("admin"), { dataset: second.id })).rejects.toMatchObject(notFound);
  await expect(deleteDataset(a.as("admin"), { dataset: second.id })).rejects.toMatchObject(
    notFound,
  );
  expect((await getDataset(a.as("admin"), { dataset: "going" })).id).toBe(first.id);
  const audit = await asOwner(
    world.db.ownerUrl,
    "select action from audit_log where subject_id = $1 order by seq",
    [second.id],
  );
  expect(audit).toEqual([{ action: "dataset.created" }, { action: "dataset.deleted" }]);
  expect(await make(a.as("admin"), "going")).toMatchObject({ version: 3 });
});

it("keeps a dataset that a guard says is in use", async () => {
  const { id } = await make(a.as("admin"), "used");
  const guard: (typeof datasetGuards)[number] = async (_tx, _ctx, dataset) => {
    if (dataset.id === id) throw new AppError("conflict", "A training job uses it.");
  };
  datasetGuards.push(guard);
  try {
    await expect(deleteDataset(a.as("admin"), { dataset: id })).rejects.toMatchObject({
      code: "conflict",
    });
  } finally {
    datasetGuards.splice(datasetGuards.indexOf(guard), 1);
  }
  expect((await getDataset(a.as("admin"), { dataset: id })).id).toBe(id);
});

it("lists the newest versions, or all, by search and format", async () => {
  const w = await world.workspace();
  const ctx = w.as("admin");
  await make(ctx, "alpha");
  await make(ctx, "alpha", undefined, "has 100% of it");
  await make(ctx, "beta");
  const names = async (input: Parameters<typeof listDatasets>[1]) =>
    (await listDatasets(ctx, { sort: "name", order: "asc", ...input })).items.map(
      ({ name, version }) => `${name} ${version}`,
    );
  expect(await names({})).toEqual(["alpha 2", "beta 1"]);
  expect((await names({ versions: "all" })).toSorted()).toEqual(["alpha 1", "alpha 2", "beta 1"]);
  expect(await names({ search: "ALP" })).toEqual(["alpha 2"]);
  expect(await names({ search: "100%" })).toEqual(["alpha 2"]);
  expect(await names({ search: "%" })).toEqual(["alpha 2"]);
  expect(await names({ search: "_" })).toEqual([]);
  expect(await names({ format: "parquet" })).toEqual([]);
  const listed = (await listDatasets(ctx, {})).items[0];
  expect(listed).not.toHaveProperty("columns");
  expect(await listDatasetVersions(ctx, { dataset: "alpha" })).toMatchObject([
    { version: 2 },
    { version: 1 },
  ]);
});

it("visits every dataset exactly once by pages, in every sort and order, ties included", async () => {
  const w = await world.workspace();
  const ctx = w.as("admin");
  const sha = (await make(ctx, "seed")).sha256;
  await asOwner(
    world.db.ownerUrl,
    `insert into datasets (workspace_id, id, name, version, format, rows, column_count, size_bytes, sha256, columns, created_at)
     select $1, gen_random_uuid(), 'd' || (i / 3), i, 'csv', i % 4, 1, i % 3, $2, '[]', date_trunc('second', now()) - (i / 5) * interval '1 hour'
     from generate_series(1, 40) i`,
    [w.id, sha],
  );
  for (const sort of ["createdAt", "name", "rows", "sizeBytes"] as const) {
    for (const order of ["asc", "desc"] as const) {
      for (const versions of ["all", "newest"] as const) {
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await listDatasets(ctx, {
            sort,
            order,
            versions,
            limit: 7,
            ...(cursor ? { cursor } : {}),
          });
          seen.push(...page.items.map(({ id }) => id));
          cursor = page.nextCursor ?? undefined;
        } while (cursor);
        expect({ sort, order, versions, n: new Set(seen).size }).toEqual({
          sort,
          order,
          versions,
          n: seen.length,
        });
        expect(seen).toHaveLength(versions === "all" ? 41 : 15);
      }
    }
  }
});

it("refuses cursors that are not ours", async () => {
  const forge = (keys: unknown) => Buffer.from(JSON.stringify(keys)).toString("base64url");
  for (const cursor of ["x", forge([1]), forge(["2024", "x", 3]), forge([{}, "id"])]) {
    await expect(listDatasets(a.as("viewer"), { cursor })).rejects.toMatchObject({
      code: "bad_request",
    });
  }
});

it("removes staged files that a killed process left, and no fresh ones", async () => {
  const kept = await stageFile(Readable.from(["x"]), "x.csv", 10);
  const left = await openPrivateFolder();
  const [hourMs, nowMs] = [3_600_000, Date.now()];
  await utimes(left.path, (nowMs - 3 * hourMs) / 1000, (nowMs - 3 * hourMs) / 1000);
  expect(await cleanPrivateFolders(2 * hourMs, nowMs)).toBeGreaterThanOrEqual(1);
  await expect(stat(left.path)).rejects.toThrow();
  expect(await readFile(kept.path, "utf8")).toBe("x");
  expect(kept.path.startsWith(tmpdir())).toBe(true);
  await kept.discard();
  await expect(readFile(kept.path)).rejects.toThrow();
});
