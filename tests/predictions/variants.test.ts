import { afterAll, beforeAll, expect, it } from "vitest";
import { bucketOf, spreadBuckets } from "@/server/predictions/gateway/assign-unit";
import {
  addVersion,
  createDeployedWorld,
  type DeployedWorld,
  deployModel,
  slopeModel,
} from "../deployments/support/deployed-world";
import { asOwner } from "../support/database";
import type { TestWorkspace } from "../support/workspace";
import {
  call,
  type PredictionServer,
  type Reply,
  startPredictionServer,
} from "./support/prediction-server";
import { addVariant, setSettings } from "./support/variants";

let world: DeployedWorld;
let server: PredictionServer;
let workspace: TestWorkspace;
let key: string;
beforeAll(async () => {
  world = await createDeployedWorld();
  workspace = await world.workspace();
  key = await workspace.key("data_scientist");
  server = await startPredictionServer(world, world.nodes);
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const input = { a: 1, b: 0 };
const ask = (name: string, body: object = {}, headers: Record<string, string> = {}) =>
  call(`${server.url}/api/v1/deployments/${name}/predict`, key, { input, ...body }, { headers });
const inferV2 = (name: string, parameters: object) =>
  call(`${server.url}/v2/models/${name}/infer`, key, {
    parameters,
    inputs: [{ name: "numeric", datatype: "FP64", shape: [1, 2], data: [1, 0] }],
  });
const variantOf = (reply: Reply) => reply.headers.get("x-modelyard-variant");

/** Slope 1 as v1, slope 2 as the candidate. */
async function withCandidate(name: string, weight: number, settings: object) {
  const made = await deployModel(world, workspace, name);
  const versionId = await addVersion(workspace.as("admin"), made.modelId, slopeModel(2));
  const candidateId = await addVariant(world, made.deploymentId, { versionId, name: "v2", weight });
  await setSettings(world, made.deploymentId, settings);
  await server.gateway.table.refresh();
  return { ...made, candidateId };
}

it("tells with every answer which variant gave it", async () => {
  await withCandidate("told", 50, {});
  const seen = new Map<string, unknown>();
  for (let at = 0; at < 60; at++) {
    const reply = await ask("told");
    expect(reply.headers.get("x-modelyard-version")).toBe(String(reply.body.modelVersion));
    seen.set(String(variantOf(reply)), reply.body.predictions);
  }
  expect(Object.fromEntries(seen)).toEqual({ v1: [1], v2: [2] });
});

it("keeps a unit with its variant, however the unit is named, as its bucket says", async () => {
  const made = await withCandidate("sticky", 30, {
    routing: { assignment: "unit", unitHeader: "X-Customer" },
  });
  const route = server.gateway.table.deployment(workspace.id, "sticky");
  const owners = spreadBuckets(route?.variants ?? []);
  for (const unit of ["ada", "grace", "edsger", "barbara", "kurt", "emmy"]) {
    const expected = owners[bucketOf(made.deploymentId, unit)] === 0 ? "v1" : "v2";
    const replies = await Promise.all([
      ask("sticky", { options: { unit } }),
      ask("sticky", {}, { "x-customer": unit }),
      inferV2("sticky", { unit }),
    ]);
    expect(replies.map((reply) => [reply.status, variantOf(reply)])).toEqual(
      Array(3).fill([200, expected]),
    );
  }
});

it("sends a request whose header fits an override to the variant it names", async () => {
  await withCandidate("overridden", 0, {
    routing: {
      overrides: [
        { header: "X-Try", value: "gone", variant: "v9" },
        { header: "X-Try", value: "new", variant: "v2" },
      ],
    },
  });
  expect(variantOf(await ask("overridden", {}, { "x-try": "new" }))).toBe("v2");
  expect(variantOf(await ask("overridden", {}, { "x-try": "gone" }))).toBe("v1");
  expect(variantOf(await ask("overridden"))).toBe("v1");
});

it("counts and logs requests apart whose callers chose the variant", async () => {
  const made = await withCandidate("pinned", 0, {
    routing: { overrides: [{ header: "X-Try", value: "new", variant: "v2" }] },
  });
  await ask("pinned", {}, { "x-try": "new" });
  await ask("pinned");
  await call(`${server.url}/v2/models/pinned/versions/2/infer`, key, {
    inputs: [{ name: "numeric", datatype: "FP64", shape: [1, 2], data: [1, 0] }],
  });
  await server.gateway.logs.flush();
  const counted = (table: string) =>
    asOwner(
      world.db.ownerUrl,
      `select is_pinned, count(*)::int as n from ${table} where deployment_id = $1 group by 1 order by 1`,
      [made.deploymentId],
    );
  const apart = [
    { is_pinned: false, n: 1 },
    { is_pinned: true, n: 2 },
  ];
  expect(await counted("prediction_logs")).toEqual(apart);
  expect(
    await counted(
      "(select * from prediction_counts, generate_series(1, requests) where seconds = 10) as c",
    ),
  ).toEqual(apart);
});

it("refuses a unit that is no text of a sensible length", async () => {
  await withCandidate("strict", 10, { routing: { assignment: "unit" } });
  for (const unit of ["", 7, null, "x".repeat(257)]) {
    expect((await ask("strict", { options: { unit } })).status).toBe(422);
  }
  expect((await inferV2("strict", { unit: "" })).status).toBe(400);
  expect((await inferV2("strict", { unit: 3 })).status).toBe(400);
});

it("never lets a shadow answer, whatever weight or override it has", async () => {
  const made = await deployModel(world, workspace, "shadowed");
  const versionId = await addVersion(workspace.as("admin"), made.modelId, slopeModel(9));
  await addVariant(world, made.deploymentId, { versionId, name: "v2", weight: 0, role: "shadow" });
  const overrides = [{ header: "x-try", value: "new", variant: "v2" }];
  await setSettings(world, made.deploymentId, { routing: { overrides } });
  await server.gateway.table.refresh();
  for (let at = 0; at < 10; at++) {
    expect((await ask("shadowed", {}, { "x-try": "new" })).body.predictions).toEqual([1]);
  }
  const pinned = await call(`${server.url}/v2/models/shadowed/versions/2/infer`, key, {});
  expect(pinned.status).toBe(404);
});

it("answers equal requests from the cache until told otherwise", async () => {
  const made = await withCandidate("cached", 0, { routing: { cache: { isEnabled: true } } });
  const cacheOf = (reply: Reply) => reply.headers.get("x-cache");
  const first = await ask("cached");
  const second = await ask("cached", { options: { includeConfidence: true } });
  expect([cacheOf(first), cacheOf(second)]).toEqual(["miss", "hit"]);
  expect(second.body.predictions).toEqual(first.body.predictions);
  expect(second.body.requestId).not.toBe(first.body.requestId);
  expect(cacheOf(await inferV2("cached", {}))).toBe("hit");
  expect(cacheOf(await ask("cached", { input: { a: 2, b: 0 } }))).toBe("miss");
  expect(cacheOf(await ask("cached", {}, { "cache-control": "no-cache" }))).toBe("miss");
  await setSettings(world, made.deploymentId, {});
  await server.gateway.table.refresh();
  expect(cacheOf(await ask("cached"))).toBeNull();
});

it("answers equal requests in flight with one call of the node", async () => {
  await withCandidate("shared", 0, { routing: { coalesce: true } });
  const inputs = Array.from({ length: 800 }, (_, a) => ({ a, b: 1 }));
  const bodies = await Promise.all(
    Array.from({ length: 20 }, () => ask("shared", { input: undefined, inputs })),
  );
  for (const { body } of bodies) expect((body.predictions as number[])[799]).toBe(800);
  const metrics = await server.gateway.metrics.registry.metrics();
  const shared = Number(/^modelyard_prediction_coalesced_total (\d+)$/m.exec(metrics)?.[1]);
  expect(shared).toBeGreaterThan(0);
});

it("answers 503 with a time to come back above the requests it may have at work", async () => {
  await withCandidate("narrow", 0, { routing: { maxInFlight: 1 } });
  const replies = await Promise.all(Array.from({ length: 30 }, () => ask("narrow")));
  const refused = replies.filter((reply) => reply.status === 503);
  expect(replies.every((reply) => reply.status === 200 || reply.status === 503)).toBe(true);
  expect(refused.length).toBeGreaterThan(0);
  for (const reply of refused) expect(Number(reply.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await ask("narrow")).status).toBe(200);
});

it("answers with the defaults where stored settings cannot be read any more", async () => {
  await withCandidate("odd", 0, { routing: { assignment: "by-moon" } });
  expect((await ask("odd")).status).toBe(200);
});
