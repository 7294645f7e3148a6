import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import { withWorkspace } from "@/db/client";
import { storeObject } from "@/server/artifacts";
import { newId } from "@/server/kernel/ids";
import {
  archivePredictions,
  getPrediction,
  getPredictionQuality,
  listPredictions,
  recordOutcomes,
} from "@/server/predictions";
import type { LogEntry } from "@/server/predictions/logs/log-entry";
import { asOwner } from "../support/database";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { DAY_MS, everyPage, oldEntry, writeOldLog } from "./support/old-log";

let world: TestWorld;
let server: TestServer;
let own: TestWorkspace;
let deployment: string;
let entries: LogEntry[];
const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
const dayOf = (day: number) => new Date(today - day * DAY_MS).toISOString().slice(0, 10);
/** Ten requests a day, days in the past. */
const DAYS = [16, 17, 18, 19, 20];
const [GOOD, MISSING, DAMAGED, BROKEN] = [16, 17, 18, 19] as const;

beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world);
  own = await world.workspace();
  deployment = await plainDeployment();
  entries = DAYS.flatMap((day) =>
    Array.from({ length: 10 }, (_, at) =>
      oldEntry(own.id, {
        ...{ atMs: today - day * DAY_MS + at * 1_000, deploymentId: deployment },
        ...{ variantId: newId(), versionId: newId() },
      }),
    ),
  );
  await writeOldLog(world.db, own, entries);
  await recordOutcomes(own.as("data_scientist"), {
    outcomes: entries.map(({ requestId }) => ({ requestId, outcome: 1 })),
  });
  await archivePredictions(own.job());
});
afterAll(async () => {
  await server.close();
  await world.close();
});

/** A deployment nothing answers for; the log needs no more of it than its name. */
async function plainDeployment(): Promise<string> {
  const [id, modelId] = [newId(), newId()];
  const run = (sql: string, values: unknown[]) => asOwner(world.db.ownerUrl, sql, values);
  await run(
    "insert into models (workspace_id, id, name, type, framework) values ($1, $2, 'm', 'regression', 'onnx')",
    [own.id, modelId],
  );
  await run(
    "insert into deployments (workspace_id, id, model_id, name, environment, status) values ($1, $2, $3, 'old', 'staging', 'stopped')",
    [own.id, id, modelId],
  );
  return id;
}

async function archiveOf(
  day: number,
): Promise<{ id: string; sha256: string; sizeBytes: number; path: string }> {
  const [row] = await asOwner<{ id: string; sha256: string; sizeBytes: number }>(
    world.db.ownerUrl,
    `select id, sha256, size_bytes::int as "sizeBytes" from prediction_archives
     where workspace_id = $1 and (from_at at time zone 'utc')::date = $2`,
    [own.id, dayOf(day)],
  );
  if (!row) throw new Error("no archive");
  const { objectId } = await world.objects.access(own.id, row.sha256);
  const path = join(world.artifactsFolder, own.id, objectId.slice(-2), objectId);
  return { ...row, path };
}

const lost = (day: number, reason: string) => ({
  ...{ day: dayOf(day), reason },
  ...{ archives: 1, requests: 10 },
});
const ofDays = (days: readonly number[]) =>
  entries
    .filter(({ atMs }) =>
      days.some((day) => dayOf(day) === new Date(atMs).toISOString().slice(0, 10)),
    )
    .map(({ requestId }) => requestId)
    .toSorted();
const quality = async () => {
  const { variants, unread } = await getPredictionQuality(own.as("viewer"), {
    deployment,
    days: 60,
  });
  return { outcomes: variants.reduce((sum, variant) => sum + variant.outcomes, 0), unread };
};
const download = async (format: string) => {
  const url = `${server.url}/api/v1/predictions/export?format=${format}`;
  const reply = await fetch(url, {
    headers: { authorization: `Bearer ${await own.key("viewer")}` },
  });
  const bytes = Buffer.from(await reply.arrayBuffer());
  return { status: reply.status, headers: reply.headers, bytes };
};

it("says nothing of archives while all can be read", async () => {
  const page = await listPredictions(own.as("viewer"), { limit: 200 });
  expect(page).toMatchObject({ unread: [], nextCursor: null });
  expect(page.items).toHaveLength(50);
  expect(await quality()).toEqual({ outcomes: 50, unread: [] });
  const { headers } = await download("csv");
  expect(headers.get("content-disposition")).toContain('"predictions.csv"');
  expect(headers.get("x-modelyard-unread")).toBeNull();
});

it("answers with what can be read and says which days cannot, and why", async () => {
  await rm((await archiveOf(MISSING)).path);
  await writeFile((await archiveOf(DAMAGED)).path, "these are other bytes");
  const unread = [lost(DAMAGED, "damaged"), lost(MISSING, "missing")];
  const items = await everyPage(own, { limit: 7 });
  expect(items.map(({ requestId }) => requestId).toSorted()).toEqual(
    ofDays(DAYS.filter((day) => day !== MISSING && day !== DAMAGED)),
  );
  expect(await listPredictions(own.as("viewer"), { limit: 200 })).toMatchObject({ unread });
  expect(await quality()).toEqual({ outcomes: 30, unread });
  const asked = ofDays([MISSING])[0] ?? "";
  await expect(getPrediction(own.as("viewer"), { requestId: asked })).rejects.toMatchObject({
    code: "not_found",
    message: expect.stringContaining(`archive of ${dayOf(MISSING)}`),
  });
  for (const format of ["csv", "parquet"]) {
    const { status, headers, bytes } = await download(format);
    expect(status).toBe(200);
    expect(headers.get("content-disposition")).toContain(`"predictions-incomplete.${format}"`);
    expect(headers.get("x-modelyard-unread")).toBe(
      `${dayOf(DAMAGED)}=damaged, ${dayOf(MISSING)}=missing`,
    );
    if (format === "csv") expect(bytes.toString().trimEnd().split("\r\n")).toHaveLength(31);
  }
}, 120_000);

it("reads the others where one file breaks the reader, and all again once it is mended", async () => {
  const good = await archiveOf(BROKEN);
  const file = await world.objects.put(own.id, Readable.from([Buffer.from("no Parquet")]), 100);
  await withWorkspace(own.job(), (tx) => storeObject(tx, own.job(), file));
  const point = ({ sha256, sizeBytes }: { sha256: string; sizeBytes: number }) =>
    asOwner(
      world.db.ownerUrl,
      "update prediction_archives set sha256 = $2, size_bytes = $3 where id = $1",
      [good.id, sha256, sizeBytes],
    );
  await point(file);
  const broken = await listPredictions(own.as("viewer"), { limit: 200 });
  expect(broken.items.map(({ requestId }) => requestId).toSorted()).toEqual(ofDays([GOOD, 20]));
  expect(broken.unread).toContainEqual(lost(BROKEN, "unavailable"));
  expect((await quality()).unread).toContainEqual(lost(BROKEN, "unavailable"));
  await point(good);
  const mended = await listPredictions(own.as("viewer"), { limit: 200 });
  expect(mended.items).toHaveLength(30);
  expect(mended.unread.map(({ reason }) => reason)).toEqual(["damaged", "missing"]);
}, 120_000);
