import { setTimeout as sleep } from "node:timers/promises";
import pino from "pino";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { withWorkspace } from "@/db/client";
import { OutboxRelay, type OutgoingEvent } from "@/inngest/relay";
import { emitEvent } from "@/server/kernel/emit-event";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

let world: TestWorld;
let a: TestWorkspace;
let b: TestWorkspace;
const log = pino({ level: "silent" });
beforeAll(async () => {
  world = await createTestWorld();
  a = await world.workspace();
  b = await world.workspace();
});
beforeEach(() => asOwner(world.db.ownerUrl, "delete from outbox"));
afterAll(() => world.close());

/** In a millisecond of its own: within one, events have no order. */
async function emit(where: TestWorkspace, n: number): Promise<void> {
  await sleep(2);
  await withWorkspace(where.job(), (tx) =>
    emitEvent(tx, where.job(), { name: "test/it", data: { n } }),
  );
}
const unsent = async () =>
  (await asOwner(world.db.ownerUrl, "select 1 from outbox where sent_at is null")).length;

it("sends what was committed, of every workspace, in order, once, with the row's id", async () => {
  const sent: OutgoingEvent[] = [];
  const relay = new OutboxRelay(world.db.pool, async (events) => void sent.push(...events), log);
  for (let n = 0; n < 20; n++) await emit(n % 2 ? a : b, n);
  await expect.poll(() => unsent(), { timeout: 30_000 }).toBe(0);
  await relay.close();
  expect(sent.map(({ data }) => data.n)).toEqual(Array.from({ length: 20 }, (_, n) => n));
  expect(new Set(sent.map(({ id }) => id)).size).toBe(20);
  expect(sent[0]?.data.workspaceId).toBe(b.id);
});

it("sends nothing of a transaction that was rolled back", async () => {
  const sent: OutgoingEvent[] = [];
  const relay = new OutboxRelay(world.db.pool, async (events) => void sent.push(...events), log);
  await withWorkspace(a.job(), async (tx) => {
    await emitEvent(tx, a.job(), { name: "test/never", data: {} });
    throw new Error("no");
  }).catch(() => undefined);
  await emit(a, 1);
  await expect.poll(() => sent.length).toBe(1);
  await relay.close();
  expect(sent.map(({ name }) => name)).toEqual(["test/it"]);
});

it("sends again, with the same id, what a receiver that was down did not take", async () => {
  let down = true;
  const ids: string[] = [];
  const send = async (events: OutgoingEvent[]) => {
    if (down) throw new Error("refused");
    ids.push(...events.map(({ id }) => id));
  };
  await emit(a, 1);
  const first = new OutboxRelay(world.db.pool, send, log);
  await sleep(300);
  await first.close();
  expect(await unsent()).toBe(1);
  down = false;
  const second = new OutboxRelay(world.db.pool, send, log);
  await expect.poll(() => unsent()).toBe(0);
  await second.close();
  const rows = await asOwner<{ id: string }>(world.db.ownerUrl, "select id from outbox");
  expect(ids).toEqual(rows.map(({ id }) => id));
});

it("lets one event that is refused stop no other", async () => {
  const sent: unknown[] = [];
  const send = async (events: OutgoingEvent[]) => {
    if (events.some(({ data }) => data.n === 3)) throw new Error("not this one");
    sent.push(...events.map(({ data }) => data.n));
  };
  for (let n = 0; n < 6; n++) await emit(a, n);
  const relay = new OutboxRelay(world.db.pool, send, log);
  await expect.poll(() => unsent()).toBe(1);
  for (let n = 6; n < 9; n++) await emit(b, n);
  await expect.poll(() => unsent()).toBe(1);
  await relay.close();
  expect(sent).toEqual([0, 1, 2, 4, 5, 6, 7, 8]);
});
