import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { deleteEndedRows, listWorkspaceIds } from "@/server/worker/upkeep/delete-ended-rows";
import { deleteOldCounts } from "@/server/worker/upkeep/delete-old-counts";
import { pruneTraining } from "@/server/worker/upkeep/prune-training";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

let world: TestWorld;
let a: TestWorkspace;
let folder: string;
beforeAll(async () => {
  world = await createTestWorld();
  a = await world.workspace();
  folder = await mkdtemp(join(tmpdir(), "modelyard-upkeep-"));
});
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true, force: true });
});

it("deletes sessions, links, run keys, invitations and sent events whose time is over, and no others", async () => {
  const run = (sql: string, values: unknown[] = []) => asOwner(world.db.ownerUrl, sql, values);
  const user = randomUUID();
  await run("insert into users (id, name) values ($1, 'u')", [user]);
  for (const age of ["-40 days", "1 day"]) {
    await run(
      "insert into sessions (token_hash, user_id, expires_at) values ($1, $2, now() + $3::interval)",
      [Buffer.from(age), user, age],
    );
    await run(
      "insert into sign_in_links (token_hash, user_id, expires_at) values ($1, $2, now() + $3::interval)",
      [Buffer.from(age), user, age],
    );
    await run(
      "insert into api_keys (workspace_id, id, public_id, secret_hash, name, role, run_id, expires_at) values ($1, $2, $3, '', 'k', 'viewer', $2, now() + $4::interval)",
      [a.id, randomUUID(), age, age],
    );
    await run(
      "insert into invitations (workspace_id, id, token_hash, name, role, expires_at) values ($1, $2, $3, 'i', 'viewer', now() + $4::interval)",
      [a.id, randomUUID(), Buffer.from(age), age],
    );
    await run(
      "insert into outbox (workspace_id, id, name, data, sent_at) values ($1, $2, 'e', '{}', now() + $3::interval)",
      [a.id, randomUUID(), age],
    );
  }
  await a.key("admin");
  await run("insert into outbox (workspace_id, id, name, data) values ($1, $2, 'unsent', '{}')", [
    a.id,
    randomUUID(),
  ]);
  expect(await listWorkspaceIds(world.db.pool)).toContain(a.id);
  expect(await deleteEndedRows(a.job())).toBe(3);
  expect(await deleteEndedRows(a.job())).toBe(0);
  const counts = await run(
    `select (select count(*)::int from sessions) as sessions, (select count(*)::int from sign_in_links) as links,
       (select count(*)::int from api_keys) as keys, (select count(*)::int from invitations) as invitations,
       (select count(*)::int from outbox) as events`,
  );
  expect(counts).toEqual([{ sessions: 1, links: 1, keys: 2, invitations: 1, events: 2 }]);
});

it("removes work folders of jobs that failed a day ago, orphans and unused datasets, and no others", async () => {
  const now = Date.now();
  const at = (path: string, days: number) =>
    utimes(path, new Date(now - days * 86_400_000), new Date(now - days * 86_400_000));
  const jobs: [string, number, boolean][] = [
    ["failed-yesterday", 2, true],
    ["failed-now", 0, true],
    ["running-for-days", 5, false],
    ["orphan", 20, false],
  ];
  for (const [name, days, finished] of jobs) {
    const job = join(folder, "jobs", name);
    await mkdir(join(job, "attempt-1"), { recursive: true });
    await at(join(job, "attempt-1"), days);
    if (finished) {
      await writeFile(join(job, "finished"), "");
      await at(join(job, "finished"), days);
    }
  }
  await mkdir(join(folder, "datasets"));
  for (const [name, days] of [
    ["old", 2],
    ["used", 0],
  ] as const) {
    await writeFile(join(folder, "datasets", name), "x");
    await at(join(folder, "datasets", name), days);
  }
  expect(await pruneTraining(folder, now)).toBe(3);
  expect((await readdir(join(folder, "jobs"))).sort()).toEqual(["failed-now", "running-for-days"]);
  expect(await readdir(join(folder, "datasets"))).toEqual(["used"]);
  expect(await pruneTraining(join(folder, "nowhere"), now)).toBe(0);
});

it("deletes counts of predictions once longer slots alone are wanted, and keeps the sums of hours", async () => {
  const insert = (seconds: number, age: string) =>
    asOwner(
      world.db.ownerUrl,
      `insert into prediction_counts (workspace_id, deployment_id, seconds, at, variant_id, status_class, writer,
         requests, rows, cache_hits, latency_us_sum, queue_us_sum, compute_us_sum)
       values ($1, $2, $3, now() - $4::interval, $2, 2, $2, 1, 1, 0, 1, 0, 0)`,
      [a.id, randomUUID(), seconds, age],
    );
  const insertRows = (seconds: number, age: string) =>
    asOwner(
      world.db.ownerUrl,
      `insert into batch_row_counts (workspace_id, deployment_id, version_id, seconds, at, answered, failed)
       values ($1, $2, $2, $3, now() - $4::interval, 1, 0)`,
      [a.id, randomUUID(), seconds, age],
    );
  for (const seconds of [10, 60, 3600]) await insertRows(seconds, "12 hours");
  for (const age of ["1 hour", "12 hours", "5 days", "500 days"]) {
    for (const seconds of [10, 60, 3600]) await insert(seconds, age);
  }
  expect(await deleteOldCounts(a.job())).toBe(3 + 2 + 1 + 1);
  const left = await asOwner<{ seconds: number; n: number }>(
    world.db.ownerUrl,
    "select seconds, count(*)::int as n from prediction_counts group by 1 order by 1",
  );
  expect(left).toEqual([
    { seconds: 10, n: 1 },
    { seconds: 60, n: 2 },
    { seconds: 3600, n: 3 },
  ]);
  expect(await deleteOldCounts(a.job())).toBe(0);
});
