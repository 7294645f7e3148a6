import { afterAll, beforeAll, expect, it } from "vitest";
import { createDeployedWorld, type DeployedWorld } from "../deployments/support/deployed-world";
import {
  type PredictionServer,
  startPredictionServer,
} from "../predictions/support/prediction-server";
import { asOwner } from "../support/database";
import type { TestWorkspace } from "../support/workspace";
import { populate, randomThings, type Things } from "./support/populated";
import { type TourStop, tour, withIds, withoutIds } from "./support/tour";

let world: DeployedWorld;
let server: PredictionServer;
let a: TestWorkspace;
let thingsOfA: Things;
let keyOfA: string;
let keyOfB: string;
beforeAll(async () => {
  world = await createDeployedWorld();
  server = await startPredictionServer(world, world.nodes);
  a = await world.workspace();
  const b = await world.workspace();
  thingsOfA = await populate(world, server, a);
  await populate(world, server, b);
  // Numbers are counted in each workspace: A's must be one that B has not.
  thingsOfA.experimentNumber = "4711";
  await asOwner(world.db.ownerUrl, "update experiments set number = 4711 where id = $1", [
    thingsOfA.experimentId,
  ]);
  keyOfA = await a.key("admin");
  keyOfB = await b.key("admin");
});
afterAll(async () => {
  await server.close();
  await world.close();
});

async function send(stop: TourStop, things: Things, key: string) {
  const reply = await fetch(`${server.url}${withIds(stop.path, things)}`, {
    method: stop.method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    ...(stop.body === undefined ? {} : { body: withIds(stop.body, things) }),
  });
  if (/event-stream/.test(reply.headers.get("content-type") ?? "")) {
    await reply.body?.cancel();
    return { status: reply.status, body: "stream" };
  }
  return { status: reply.status, body: withoutIds(await reply.text(), things) };
}

/** Every row of a workspace, but when its keys were last used. */
async function dump(workspaceId: string): Promise<Record<string, string>> {
  const tables = await asOwner<{ name: string }>(
    world.db.ownerUrl,
    `select table_name as name from information_schema.columns
     where table_schema = 'public' and column_name = 'workspace_id' and table_name in
       (select tablename from pg_tables where schemaname = 'public') order by 1`,
  );
  const sums: Record<string, string> = {};
  for (const { name } of tables) {
    const [row] = await asOwner<{ sum: string }>(
      world.db.ownerUrl,
      `select count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as sum
       from (select to_jsonb(x) - 'last_used_at' - 'sent_at' as t from ${name} x where workspace_id = $1) as rows`,
      [workspaceId],
    );
    sums[name] = row?.sum ?? "";
  }
  return sums;
}

it("answers B about what is A's as it answers about what does not exist, and changes nothing of A's", async () => {
  const stops = tour(4);
  const names = new Set(stops.map((stop) => stop.name));
  expect(names.size).toBeGreaterThan(110);
  const before = await dump(a.id);
  const wrong: string[] = [];
  for (const stop of stops) {
    const nothing = randomThings();
    const [ofA, ofNothing] = [
      await send(stop, thingsOfA, keyOfB),
      await send(stop, nothing, keyOfB),
    ];
    const made = ofA.status < 300 && stop.method !== "GET";
    if (ofA.status !== ofNothing.status || (!made && ofA.body !== ofNothing.body)) {
      wrong.push(
        `${stop.name} ${stop.path} ${stop.body}\n  ${ofA.status} ${ofA.body}\n  ${ofNothing.status} ${ofNothing.body}`,
      );
    }
    if (ofA.status >= 500 && ofA.status !== 503 && ofA.status !== 501) {
      wrong.push(`${stop.name}: ${ofA.status} ${ofA.body}`);
    }
  }
  expect(wrong.join("\n")).toBe("");
  expect(await dump(a.id)).toEqual(before);
  expect(Object.values(before).filter((sum) => !sum.startsWith("0 ")).length).toBeGreaterThan(15);
}, 420_000);

it("can fail: the same tour with A's own key finds most of it", async () => {
  const reads = tour(1).filter((stop) => stop.method === "GET" && !stop.body);
  let differ = 0;
  for (const stop of reads) {
    const [own, nothing] = [
      await send(stop, thingsOfA, keyOfA),
      await send(stop, randomThings(), keyOfA),
    ];
    if (own.status !== nothing.status || own.body !== nothing.body) differ += 1;
  }
  expect(differ).toBeGreaterThan(reads.length / 2);
}, 180_000);
