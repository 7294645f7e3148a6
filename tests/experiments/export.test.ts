import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createRun, logBatch } from "@/server/experiments";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

let world: TestWorld;
let server: TestServer;
let a: TestWorkspace;
let folder: string;
beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world);
  folder = await mkdtemp(join(tmpdir(), "modelyard-export-"));
});
afterAll(async () => {
  await server.close();
  await world.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  a = await world.workspace();
});

async function addRun(name: string, loss: number | null, lr: string): Promise<void> {
  const run = await createRun(a.as("admin"), { name, startTime: 1_700_000_000_123 });
  await logBatch(a.as("admin"), {
    runId: run.id,
    metrics: loss === null ? [] : [{ key: "loss", value: loss, timestamp: 1, step: 1 }],
    params: [{ key: "lr", value: lr }],
  });
}

async function download(query: Record<string, string>): Promise<Response> {
  return fetch(`${server.url}/api/v1/runs/export?${new URLSearchParams(query)}`, {
    headers: { authorization: `Bearer ${await a.key("viewer")}` },
  });
}

it("writes CSV that a spreadsheet reads and that runs nothing", async () => {
  await addRun('say "hi", twice', 0.5, "=1+1");
  await addRun("minus", null, "-0.1");
  const answer = await download({ orderBy: "run_name DESC" });
  expect(answer.headers.get("content-disposition")).toContain("attachment");
  const lines = (await answer.text()).trimEnd().split("\r\n");
  expect(lines[0]).toContain('"metrics.loss","params.lr","tags.mlflow.runName"');
  expect(lines[1]).toContain('"say ""hi"", twice"');
  expect(lines[1]).toContain("2023-11-14T22:13:20.123Z");
  expect(lines[1]).toContain(`,0.5,"'=1+1",`);
  expect(lines[2]).toContain(`,,"-0.1",`);
});

it("writes Parquet of every page that DuckDB reads back, with types, gaps and NaN", async () => {
  const lanes = Array.from({ length: 8 }, async (_, lane) => {
    for (let i = lane; i < 1050; i += 8) {
      await addRun(`r${i}`, i % 2 === 0 ? i / 8 : null, String(i));
    }
  });
  await Promise.all(lanes);
  await addRun("nan", Number.NaN, "x");
  const answer = await download({ format: "parquet", filter: "params.lr != '7'" });
  expect(answer.status).toBe(200);
  const file = join(folder, "runs.parquet");
  await writeFile(file, new Uint8Array(await answer.arrayBuffer()));
  const db = await (await DuckDBInstance.create()).connect();
  const rows = await db.runAndReadAll(
    `select count(*)::int as n, count("metrics.loss")::int as losses, count(*) filter (isnan("metrics.loss"))::int as nans,
      sum("metrics.loss") filter (not isnan("metrics.loss"))::double as sum, min(start_time)::varchar as at
     from read_parquet('${file}')`,
  );
  expect(rows.getRowObjectsJS()).toEqual([
    {
      n: 1050,
      losses: 526,
      nans: 1,
      sum: Array.from({ length: 525 }, (_, i) => (2 * i) / 8).reduce((x, y) => x + y),
      at: "2023-11-14 22:13:20.123",
    },
  ]);
}, 180_000);

it("refuses a filter that cannot be read before the first byte, and unknown experiments", async () => {
  expect((await download({ filter: "metrics.loss <" })).status).toBe(422);
  expect((await download({ format: "xlsx" })).status).toBe(422);
  expect((await download({ experiment: "999" })).status).toBe(404);
});

it("writes the heads of an empty table in both formats", async () => {
  expect((await (await download({})).text()).trimEnd().split("\r\n")).toHaveLength(1);
  const parquet = await (await download({ format: "parquet" })).arrayBuffer();
  expect(Buffer.from(parquet).subarray(0, 4).toString()).toBe("PAR1");
});
