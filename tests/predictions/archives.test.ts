import { afterAll, beforeAll, expect, it } from "vitest";
import { updateDeploymentSettings } from "@/server/deployments";
import {
  archivePredictions,
  expireArchives,
  getPrediction,
  getPredictionQuality,
  listPredictions,
  recordOutcomes,
} from "@/server/predictions";
import { ARCHIVE_COLUMNS } from "@/server/predictions/archives/archive-table";
import { exportPredictions } from "@/server/predictions/explorer/export-predictions";
import type { LogEntry } from "@/server/predictions/logs/log-entry";
import {
  createDeployedWorld,
  type Deployed,
  type DeployedWorld,
  deployModel,
} from "../deployments/support/deployed-world";
import { asOwner } from "../support/database";
import type { TestWorkspace } from "../support/workspace";
import { DAY_MS, everyPage, oldEntry, writeOldLog } from "./support/old-log";

let world: DeployedWorld;
let a: TestWorkspace;
let b: TestWorkspace;
let slope: Deployed;
let other: Deployed;
let entries: LogEntry[];
const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;

beforeAll(async () => {
  world = await createDeployedWorld();
  a = await world.workspace();
  b = await world.workspace();
  slope = await deployModel(world, a, "slope");
  other = await deployModel(world, a, "other", undefined, "staging");
  const { variantId, versionId } = await variantOf(slope.deploymentId);
  entries = Array.from({ length: 36 }, (_, at) =>
    oldEntry(a.id, {
      atMs: today - (18 - at / 4) * DAY_MS + at * 1_000,
      deploymentId: at % 3 === 0 ? other.deploymentId : slope.deploymentId,
      ...(at % 3 === 0 ? {} : { variantId, versionId }),
      status: at % 10 === 9 ? 422 : 200,
      error: at % 10 === 9 ? "a must be a number" : null,
      unit: `unit ${at % 4}`,
      rows: at === 10 ? 50 : 1,
      inputs:
        at === 10
          ? Array.from({ length: 50 }, (_, row) => ({ a: row }))
          : [
              {
                a: at,
                "odd/na~me \"'": at % 2 === 0,
                text: `it's "${at}"`,
                none: null,
                big: 9007199254740993n.toString(),
              },
            ],
      outputs:
        at === 10
          ? { predictions: Array.from({ length: 50 }, (_, row) => row) }
          : { predictions: [at], probabilities: [{ yes: at / 36, no: 1 - at / 36 }] },
      latencyMs: at + 0.5,
      nodeMs: at / 2,
      queueMs: 0.25,
      computeMs: at / 4,
      batchRows: 4,
      lane: at % 5 === 0 ? "v2" : "rest",
      isCached: at % 7 === 0,
      isPinned: at % 6 === 1,
      traceId: at % 2 === 0 ? "0".repeat(31) + (at % 10) : null,
    }),
  );
  await writeOldLog(world.db, a, entries);
});
afterAll(() => world.close());

async function variantOf(deploymentId: string) {
  const [row] = await asOwner<{ id: string; version_id: string }>(
    world.db.ownerUrl,
    "select id, version_id from deployment_variants where deployment_id = $1 and status = 'active'",
    [deploymentId],
  );
  return { variantId: row?.id ?? null, versionId: row?.version_id ?? null };
}

const count = async (table: "prediction_logs" | "prediction_archives", workspace = a) => {
  const [row] = await asOwner<{ n: number }>(
    world.db.ownerUrl,
    `select count(*)::int as n from ${table} where workspace_id = $1`,
    [workspace.id],
  );
  return row?.n ?? -1;
};

const text = async (query: Parameters<typeof exportPredictions>[1]) => {
  let whole = "";
  const { pieces } = await exportPredictions(a.as("viewer"), query);
  for await (const piece of pieces) {
    whole += Buffer.from(piece).toString();
  }
  return whole;
};

const QUERIES: Parameters<typeof listPredictions>[1][] = [
  { limit: 200, to: new Date(today).toISOString() },
  { limit: 18, order: "asc" },
  { limit: 18, order: "desc" },
  { deployment: "slope", limit: 20 },
  { status: "ok", lane: "v2" },
  { unit: "unit 1", status: "refused", order: "asc" },
  { variant: "no such" },
  { latencyAboveMs: 9.5, version: 1 },
  { feature: "a", value: "11" },
  { feature: "odd/na~me \"'", value: "true" },
  { feature: "text", value: `it's "7"` },
  { feature: "none", value: "null" },
  { feature: "big", value: "9007199254740993" },
  { feature: "a') or true --", value: "'); drop table x" },
  {
    from: new Date(today - 17 * DAY_MS).toISOString(),
    to: new Date(today - 12 * DAY_MS).toISOString(),
  },
  { hasOutcome: true },
  { pinned: true },
  { pinned: false, limit: 20, order: "asc" },
  { hasOutcome: false, limit: 25 },
];

it("reads the same out of database and archives, page by page, as before anything moved", async () => {
  await recordOutcomes(a.as("data_scientist"), {
    outcomes: entries
      .slice(0, 24)
      .filter((_, at) => at % 6 === 0)
      .map(({ requestId }) => ({ requestId, outcome: 1 })),
  });
  const before = [];
  for (const query of QUERIES) before.push(await everyPage(a, query));
  const csv = await text({});
  expect(before[0]).toHaveLength(36);
  expect(before.map((items) => items.length).filter((n) => n === 0)).toHaveLength(2);

  const done = await archivePredictions(a.job());
  expect(done.archived).toBeGreaterThan(10);
  expect(await count("prediction_logs")).toBe(36 - done.archived);
  expect(await archivePredictions(a.job())).toMatchObject({ archived: 0, more: false });

  for (const [at, query] of QUERIES.entries()) {
    expect(await everyPage(a, query), JSON.stringify(query)).toEqual(before[at]);
  }
  expect(await text({})).toBe(csv);
  for (const { requestId } of [entries[3], entries[10]] as LogEntry[]) {
    const row = await getPrediction(a.as("viewer"), { requestId });
    expect(row.inputs).toEqual(entries.find((one) => one.requestId === requestId)?.inputs);
  }
}, 240_000);

it("joins outcomes that are told later", async () => {
  const requestId = String(entries[1]?.requestId);
  await recordOutcomes(a.as("data_scientist"), { outcomes: [{ requestId, outcome: 7 }] });
  expect((await getPrediction(a.as("viewer"), { requestId })).outcome).toEqual([7]);
});

it("measures quality by variant over database and archives as it would over the database alone", async () => {
  const ctx = a.as("data_scientist");
  const ofSlope = entries.filter(({ deploymentId }) => deploymentId === slope.deploymentId);
  const told = ofSlope.filter((one) => one.rows === 1 && one.status === 200);
  await recordOutcomes(ctx, {
    outcomes: told.map(({ requestId, outputs }) => ({
      requestId,
      outcome: Number((outputs as { predictions: number[] }).predictions[0]) + 2,
    })),
  });
  const { variants, from, completeFrom } = await getPredictionQuality(ctx, {
    deployment: "slope",
    days: 60,
  });
  expect(variants).toHaveLength(1);
  expect(variants[0]).toMatchObject({ outcomes: told.length, accuracy: null, mae: 2, rmse: 2 });
  const points = variants[0]?.points ?? [];
  expect(points.reduce((sum, point) => sum + point.outcomes, 0)).toBe(told.length);
  expect(new Set(points.map(({ at }) => at)).size).toBe(points.length);
  expect(completeFrom).toBe(from);
  await expect(getPredictionQuality(b.as("viewer"), { deployment: "slope" })).rejects.toMatchObject(
    { code: "not_found" },
  );
});

it("keeps archives of a workspace to itself", async () => {
  const requestId = String(entries[0]?.requestId);
  expect((await listPredictions(b.as("viewer"), {})).items).toEqual([]);
  await expect(getPrediction(b.as("viewer"), { requestId })).rejects.toMatchObject({
    code: "not_found",
  });
  expect(await archivePredictions(b.as("admin"))).toMatchObject({ archived: 0 });
  expect(await count("prediction_archives", b)).toBe(0);
});

it("seals archives like every other artifact", async () => {
  const rows = await asOwner<{ sha256: string }>(
    world.db.ownerUrl,
    `select a.sha256 from prediction_archives a
     join object_keys k on k.workspace_id = a.workspace_id and k.sha256 = a.sha256
     join artifact_objects o on o.workspace_id = a.workspace_id and o.sha256 = a.sha256
     where a.workspace_id = $1`,
    [a.id],
  );
  expect(rows).toHaveLength(await count("prediction_archives"));
});

it("takes a request that was written late into an archive of its own", async () => {
  const late = oldEntry(a.id, { atMs: entries[2]?.atMs ?? 0, deploymentId: slope.deploymentId });
  await writeOldLog(world.db, a, [late]);
  expect(await archivePredictions(a.job())).toMatchObject({ archived: 1 });
  const all = await everyPage(a, { limit: 30 });
  expect(all).toHaveLength(37);
  expect(new Set(all.map((one) => one.requestId)).size).toBe(37);
});

it("drops days of the log that are empty, and no others", async () => {
  const days = async () =>
    (
      await asOwner<{ name: string }>(
        world.db.ownerUrl,
        "select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'prediction_logs'::regclass",
      )
    ).map(({ name }) => name);
  const nameOf = (ms: number) =>
    `day_${new Date(ms).toISOString().slice(0, 10).replaceAll("-", "")}`;
  expect(await days()).toContain(nameOf(entries[0]?.atMs ?? 0));
  await world.db.pool.query("select drop_prediction_days((now() at time zone 'utc')::date - 1)");
  const left = await days();
  expect(left).not.toContain(nameOf(entries[0]?.atMs ?? 0));
  expect(left).toContain(nameOf(entries.at(-1)?.atMs ?? 0));
  expect(left).toContain(nameOf(Date.now()));
  await expect(
    world.db.pool.query("select drop_prediction_days((now() at time zone 'utc')::date + 1)"),
  ).rejects.toMatchObject({ code: "22008" });
  expect(await everyPage(a, {})).toHaveLength(37);
});

it("keeps every column of the log", async () => {
  const columns = await asOwner<{ name: string }>(
    world.db.ownerUrl,
    "select attname as name from pg_attribute where attrelid = 'prediction_logs'::regclass and attnum > 0 and not attisdropped",
  );
  const names = columns.map(({ name }) => name).filter((name) => name !== "workspace_id");
  expect(Object.keys(ARCHIVE_COLUMNS).toSorted()).toEqual(names.toSorted());
});

it("goes by what a deployment says: rows that are not archived go, and archives whose time is over", async () => {
  const settings = (deployment: string, logging: Record<string, number>) =>
    updateDeploymentSettings(a.as("admin"), { deployment, logging });
  await settings("other", { keepDays: 1, archiveDays: 0 });
  const hot = (await everyPage(a, { deployment: "other" })).length;
  const { deleted } = await archivePredictions(a.job());
  expect(deleted).toBeGreaterThan(0);
  const { archives } = await expireArchives(a.job());
  expect(archives).toBeGreaterThan(0);
  expect(await everyPage(a, { deployment: "other" })).toHaveLength(0);
  expect(hot).toBeGreaterThan(deleted);
  const [orphans] = await asOwner<{ n: number }>(
    world.db.ownerUrl,
    `select count(*)::int as n from object_keys k where workspace_id = $1
       and k.sha256 not in (select sha256 from artifact_objects where workspace_id = $1)`,
    [a.id],
  );
  expect(orphans?.n).toBe(0);
  expect((await everyPage(a, { deployment: "slope" })).length).toBeGreaterThan(15);
});
