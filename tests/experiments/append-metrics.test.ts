import { Client } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createRun, deleteRun, getRun, logBatch } from "@/server/experiments";
import { WAITING_MAX } from "@/server/experiments/append-metrics";
import { newId } from "@/server/kernel/ids";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

let world: TestWorld;
let a: TestWorkspace;
let owner: Client;
beforeAll(async () => {
  world = await createTestWorld();
  a = await world.workspace();
  owner = new Client({ connectionString: world.db.ownerUrl });
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await world.close();
});

const log = (runId: string, step: number, key = "loss") =>
  logBatch(a.as("data_scientist"), { runId, metrics: [{ key, value: 1, step, timestamp: step }] });

/** Nobody writes points while `work` runs. */
async function whileStopped<T>(work: () => T): Promise<T> {
  await owner.query("begin; lock table run_metrics in exclusive mode");
  try {
    return work();
  } finally {
    setTimeout(() => void owner.query("commit"), 300);
  }
}

it("answers each batch of a group for itself: missing and deleted runs do not touch the others", async () => {
  const good = await createRun(a.as("admin"), {});
  const gone = await createRun(a.as("admin"), {});
  await deleteRun(a.as("admin"), { runId: gone.id });
  const results = await whileStopped(() =>
    Promise.allSettled(
      Array.from({ length: 30 }, (_, i) => log([good.id, gone.id, newId()][i % 3] ?? "", i)),
    ),
  );
  const codes = results.map((one) =>
    one.status === "fulfilled" ? "ok" : (one.reason as { code?: string }).code,
  );
  expect(codes).toEqual(Array(10).fill(["ok", "conflict", "not_found"]).flat());
  const { metrics } = await getRun(a.as("viewer"), { runId: good.id });
  expect(metrics).toMatchObject([{ key: "loss", step: 27 }]);
});

it("commits many batches together, and keeps workspaces apart while it does", async () => {
  const b = await world.workspace();
  const mine = await createRun(a.as("admin"), {});
  const foreign = await createRun(b.as("admin"), {});
  const results = await whileStopped(() =>
    Promise.allSettled([
      ...Array.from({ length: 50 }, (_, i) => log(mine.id, i)),
      log(foreign.id, 1),
      logBatch(b.as("admin"), {
        runId: foreign.id,
        metrics: [{ key: "loss", value: 2, step: 1, timestamp: 1 }],
      }),
    ]),
  );
  expect(results.filter((one) => one.status === "rejected")).toMatchObject([
    { reason: { code: "not_found" } },
  ]);
  const rows = await asOwner<{ commits: number; points: number }>(
    world.db.ownerUrl,
    "select count(distinct xmin::text)::int as commits, count(*)::int as points from run_metrics where run_id = $1",
    [mine.id],
  );
  expect(rows[0]?.points).toBe(50);
  expect(rows[0]?.commits).toBeLessThan(10);
});

it("refuses what it cannot hold while the database stands still, and writes all that it took", async () => {
  const { id } = await createRun(a.as("admin"), {});
  const sent = WAITING_MAX + 100;
  const results = await whileStopped(() =>
    Promise.allSettled(Array.from({ length: sent }, (_, i) => log(id, i))),
  );
  const refused = results.filter((one) => one.status === "rejected");
  expect(refused.length).toBeGreaterThan(0);
  for (const one of refused) expect(one.reason).toMatchObject({ code: "unavailable" });
  const rows = await asOwner<{ points: number }>(
    world.db.ownerUrl,
    "select count(*)::int as points from run_metrics where run_id = $1",
    [id],
  );
  expect(rows[0]?.points).toBe(sent - refused.length);
}, 180_000);
