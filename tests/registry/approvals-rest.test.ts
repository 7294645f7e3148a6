import { afterAll, beforeAll, expect, it } from "vitest";
import { createApiKey } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { send } from "../datasets/upload-form";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorld } from "../support/workspace";
import { type GovernedWorkspace, governedWorkspace } from "./governed-world";

let world: TestWorld;
let server: TestServer;
let w: GovernedWorkspace;
let asker: string;
let reviewer: string;
let admin: string;
beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world);
  w = await governedWorkspace(world);
  const keyOf = async (ctx: Context, role: string) =>
    (await createApiKey(ctx, { name: "k", role })).key;
  const adminPerson = { ...w.reviewer, actor: { ...w.reviewer.actor, role: "admin" } } as Context;
  reviewer = await keyOf(adminPerson, "ml_engineer");
  const askerPerson = { ...w.asker, actor: { ...w.asker.actor, role: "admin" } } as Context;
  asker = await keyOf(askerPerson, "data_scientist");
  admin = await w.key("admin");
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const api = (key: string, method: string, path: string, body?: unknown) =>
  send(
    `${server.url}/api/v1${path}`,
    method,
    { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body === undefined ? "" : JSON.stringify(body),
  );

it("walks a version through request, review on conditions and move over HTTP", async () => {
  const { model } = await w.version();
  const base = `/models/${model}/versions/1`;
  const asked = await api(asker, "POST", `${base}/stage`, { stage: "production", comment: "go" });
  expect(asked).toMatchObject({ status: 200, body: { outcome: "pending" } });
  const { id } = asked.body.approval;
  expect((await api(asker, "GET", `${base}/approvals`)).body.items).toMatchObject([{ id }]);
  expect((await api(asker, "GET", "/approvals?state=open")).body.items).toMatchObject([{ id }]);
  const review = { decision: "conditional", conditions: ["Tell support"] };
  expect((await api(asker, "POST", `/approvals/${id}/review`, review)).status).toBe(403);
  expect(await api(admin, "POST", `/approvals/${id}/review`, review)).toMatchObject({
    status: 403,
    body: { detail: expect.stringContaining("A person reviews") },
  });
  const reviewed = await api(reviewer, "POST", `/approvals/${id}/review`, review);
  expect(reviewed).toMatchObject({ status: 200, body: { state: "conditional" } });
  const [condition] = reviewed.body.conditions;
  const met = await api(reviewer, "POST", `/approvals/${id}/conditions/${condition.id}`, {});
  expect(met).toMatchObject({ status: 200, body: { state: "approved" } });
  expect((await api(asker, "GET", base)).body.stage).toBe("production");
  expect((await api(asker, "GET", `${base}/history`)).body.items[0].sentence).toBe(
    "the request to enter production was fulfilled",
  );
  expect((await api(asker, "POST", `/approvals/${id}/withdraw`, {})).status).toBe(409);
});

it("makes, orders, changes and deletes stages over HTTP", async () => {
  const made = await api(admin, "POST", "/stages", { key: "canary", name: "Canary" });
  expect(made).toMatchObject({ status: 201, body: { key: "canary", versionCount: 0 } });
  const keys = (await api(asker, "GET", "/stages")).body.items.map(
    (one: { key: string }) => one.key,
  );
  const order = await api(admin, "PUT", "/stages/order", { keys });
  expect(order).toMatchObject({ status: 200 });
  const changed = await api(admin, "PATCH", "/stages/canary", { color: "violet" });
  expect(changed).toMatchObject({ status: 200, body: { color: "violet", name: "Canary" } });
  expect((await api(admin, "DELETE", "/stages/canary")).status).toBe(204);
  expect((await api(admin, "DELETE", "/stages/canary")).status).toBe(404);
});

it("answers what is wrong with a bad request, never 5xx", async () => {
  const { model } = await w.version();
  for (const [method, path, body, status] of [
    ["POST", `/models/${model}/versions/1/stage`, {}, 422],
    ["POST", `/models/${model}/versions/1/stage`, { stage: "moon" }, 404],
    ["POST", `/models/${model}/versions/1/stage`, { stage: "\u0000" }, 404],
    ["POST", "/stages", { key: "A b", name: "x" }, 422],
    ["POST", "/stages", { key: "x", name: "a\u0000b" }, 422],
    ["POST", "/stages", { key: "x", name: "x", gates: [{ type: "code" }] }, 422],
    ["PATCH", "/stages/staging", { key: "other" }, 422],
    ["PATCH", "/stages/staging", { reviewers: { count: 0 } }, 422],
    ["PUT", "/stages/order", { keys: ["staging"] }, 422],
    ["GET", "/approvals?version=1", undefined, 422],
    ["GET", "/approvals/none", undefined, 422],
    ["GET", `/models/${model}/versions/1/history?cursor=x`, undefined, 400],
    ["GET", `/models/${model}/versions/1/lineage?depth=99`, undefined, 422],
    ["GET", `/models/${model}/versions/1/lineage?direction=sideways`, undefined, 422],
    ["PUT", `/models/${model}/versions/1/semantic-version`, { semanticVersion: "1" }, 422],
    ["PUT", `/models/${model}/card`, { content: "a\u0000b" }, 422],
    ["POST", `/models/${model}/benchmarks`, { dataset: "none", versions: ["1"] }, 404],
  ] as const) {
    const reply = await api(admin, method, path, body);
    expect({ path, body, status: reply.status }).toEqual({ path, body, status });
  }
});
