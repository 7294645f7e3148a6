import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { changeRole, inviteMember } from "@/server/access";
import { exportAudit, listAudit, verifyAudit } from "@/server/audit";
import type { Context } from "@/server/kernel/context";
import { eraseSubject } from "@/server/privacy";
import { createModel, deleteModel } from "@/server/registry";
import { asOwner } from "../support/database";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

let world: TestWorld;
let server: TestServer;
let workspace: TestWorkspace;
let admin: Context;
beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world);
  workspace = await world.workspace();
  admin = workspace.as("admin");
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const make = (ctx: Context, name: string) =>
  createModel(ctx, { name, type: "regression", framework: "xgboost" });

async function textOf(pieces: AsyncGenerator<string>): Promise<string> {
  let text = "";
  for await (const piece of pieces) text += piece;
  return text;
}

it("finds entries by actor, action, subject and time", async () => {
  const grace: Context = {
    ...workspace.as("admin"),
    now: () => new Date("2026-03-01T12:00:00Z"),
  };
  const userId = randomUUID();
  grace.actor = { type: "user", userId, name: "Grace 100%_Hopper", role: "admin" };
  const model = await make(grace, "found");
  await deleteModel({ ...grace, now: () => new Date("2026-03-02T12:00:00Z") }, { model: model.id });
  const actions = async (filter: object) =>
    (await listAudit(admin, filter)).items.map((item) => item.action);
  const both = ["model.deleted", "model.created"];
  expect(await actions({ actor: userId })).toEqual(both);
  expect(await actions({ actor: "grace 100%_h" })).toEqual(both);
  expect(await actions({ actor: "grace 100__H" })).toEqual([]);
  expect(await actions({ actor: userId, action: "model.created" })).toEqual(["model.created"]);
  expect(await actions({ actor: userId, action: "model.*" })).toEqual(both);
  expect(await actions({ actor: userId, action: "mod_l.*" })).toEqual([]);
  expect(await actions({ subjectType: "model", subjectId: model.id })).toEqual(both);
  expect(await actions({ actor: userId, exclude: "model.created, token.issued" })).toEqual([
    "model.deleted",
  ]);
  expect(await actions({ actor: userId, exclude: "token.*,model.*" })).toEqual([]);
  const window = { from: "2026-03-02T00:00:00Z", to: "2026-03-03T00:00:00+00:00" };
  expect(await actions({ actor: userId, ...window })).toEqual(["model.deleted"]);
  const other = await world.workspace();
  expect((await listAudit(other.as("admin"), { actor: userId })).items).toEqual([]);
});

it("exports every entry once, oldest first, as NDJSON and as CSV over HTTP", async () => {
  const own = await world.workspace();
  const ctx = own.as("admin");
  for (let i = 0; i < 3; i++) await make(ctx, `m${i}`);
  const lines = (await textOf(exportAudit(ctx, {}))).trim().split("\n");
  expect(lines.map((line) => JSON.parse(line).seq)).toEqual([1, 2, 3]);
  const key = await own.key("operator");
  const get = (path: string) =>
    fetch(`${server.url}/api/v1${path}`, { headers: { authorization: `Bearer ${key}` } });
  const csv = await get("/audit/export?format=csv&action=model.created");
  expect(csv.headers.get("content-type")).toMatch("text/csv");
  expect(csv.headers.get("content-disposition")).toMatch("attachment");
  const rows = (await csv.text()).trim().split("\r\n");
  expect(rows).toHaveLength(4);
  expect(rows[0]).toMatch(/^seq,at,actorType,actorId,actorName,address/);
  expect(await (await get("/audit/verification")).json()).toMatchObject({ rows: 3, broken: null });
});

it("disarms formulas in the CSV", async () => {
  const own = await world.workspace();
  const ctx = own.as("admin");
  ctx.actor = { type: "user", userId: randomUUID(), name: '=cmd|"x"', role: "admin" };
  await make(ctx, "formula");
  expect(await textOf(exportAudit(ctx, { format: "csv" }))).toContain(`"'=cmd|""x"""`);
});

it.each(["viewer", "data_scientist", "ml_engineer"] as const)(
  "shows the log to nobody without the permission: %s",
  async (role) => {
    const ctx = workspace.as(role);
    expect(() => exportAudit(ctx, {})).toThrow(/audit:read/);
    await expect(listAudit(ctx, {})).rejects.toMatchObject({ code: "forbidden" });
    await expect(verifyAudit(ctx)).rejects.toMatchObject({ code: "forbidden" });
  },
);

it("says from which address a request came, whatever headers claim", async () => {
  const own = await world.workspace();
  const key = await own.key("admin");
  const reply = await fetch(`${server.url}/api/v1/models`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${key}`,
      "content-type": "application/json",
      "x-forwarded-for": "203.0.113.9",
    },
    body: JSON.stringify({ name: "m", type: "regression", framework: "xgboost" }),
  });
  expect(reply.status).toBe(201);
  const { items } = await listAudit(own.as("admin"), {});
  expect(items[0]?.actor.address).toMatch(/127\.0\.0\.1$/);
});

it("keeps names, e-mail and addresses out of the chain, and the chain whole without them", async () => {
  const own = await world.workspace();
  const ctx: Context = { ...own.as("admin"), clientAddress: "198.51.100.7" };
  ctx.actor = { type: "user", userId: randomUUID(), name: "Canary Person", role: "admin" };
  await inviteMember(ctx, { name: "Canary Guest", email: "canary@example.org", role: "viewer" });
  await changeRole(ctx, { userId: randomUUID(), role: "viewer" }).catch(() => undefined);
  const chain = await asOwner(
    world.db.ownerUrl,
    "select actor, before, after from audit_log where workspace_id = $1",
    [own.id],
  );
  expect(JSON.stringify(chain)).not.toMatch(/canary|198\.51/i);
  expect((await listAudit(ctx, {})).items[0]).toMatchObject({
    actor: { name: "Canary Person", address: "198.51.100.7" },
    after: { name: "Canary Guest" },
  });
  await eraseSubject(own.job(), { subject: ctx.actor.userId });
  const first = (await listAudit(ctx, { action: "member.invited" })).items[0];
  expect(first?.actor).toMatchObject({ name: "Erased person" });
  expect(first?.after).toMatchObject({ name: "Canary Guest" });
  expect(await verifyAudit(ctx)).toMatchObject({ broken: null });
});

it("finds personal data that is gone without an erasure", async () => {
  const own = await world.workspace();
  const ctx = own.as("admin");
  for (let i = 0; i < 3; i++) await make(ctx, `m${i}`);
  expect(await verifyAudit(ctx)).toMatchObject({ rows: 3, broken: null });
  await asOwner(
    world.db.ownerUrl,
    "delete from audit_personal where workspace_id = $1 and data ->> 'name' = 'm1'",
    [own.id],
  );
  expect(await verifyAudit(ctx)).toMatchObject({
    broken: { seq: 2, reason: expect.stringMatching(/no erasure says so/) },
  });
});

it("is written with the change or not at all", async () => {
  const own = await world.workspace();
  const ctx = own.as("admin");
  await make(ctx, "twice");
  await expect(make(ctx, "twice")).rejects.toMatchObject({ code: "conflict" });
  expect((await verifyAudit(ctx)).rows).toBe(1);
});

it("gives concurrent writers a chain without gaps", async () => {
  const own = await world.workspace();
  await Promise.all(Array.from({ length: 40 }, (_, i) => make(own.as("admin"), `c${i}`)));
  expect(await verifyAudit(own.as("admin"))).toMatchObject({ rows: 40, broken: null });
});
