import { createHash, randomUUID } from "node:crypto";
import canonicalize from "canonicalize";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createApiKey } from "@/server/access";
import { listAudit, verifyAudit } from "@/server/audit";
import { createRun } from "@/server/experiments";
import type { Context } from "@/server/kernel/context";
import { eraseSubject, exportSubject, listErasures } from "@/server/privacy";
import { CATALOGUE } from "@/server/privacy/catalogue";
import { createModel, getModel } from "@/server/registry";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { addPerson, grepDatabase, type Person } from "./support";

let world: TestWorld;
let own: TestWorkspace;
let admin: Context;
beforeAll(async () => {
  world = await createTestWorld();
  own = await world.workspace();
  admin = own.as("admin");
  await addPerson(world, { name: "Keeper", email: "keeper@example.org" }, [
    { workspace: own, role: "admin" },
  ]);
});
afterAll(() => world.close());

let people = 0;
const person = (workspaces = [own], role = "viewer"): Promise<Person> => {
  people += 1;
  const who = { name: `Quillon Marsh ${people}x`, email: `quillon${people}@marsh.example` };
  return addPerson(
    world,
    who,
    workspaces.map((workspace) => ({ workspace, role })),
  );
};

const as = ({ userId, name }: Person, workspace = own): Context => ({
  ...workspace.as("admin"),
  actor: { type: "user", userId, name, role: "admin" },
});

const make = (ctx: Context, name = `m-${randomUUID().slice(0, 8)}`) =>
  createModel(ctx, { name, type: "regression", framework: "onnx" });

const owner = <T extends object>(text: string, values: unknown[] = []) =>
  asOwner<T>(world.db.ownerUrl, text, values);

const logRow = (workspace: TestWorkspace, inputs: string) =>
  owner(
    `insert into prediction_logs (workspace_id, request_id, at, deployment_id, status, rows, inputs, latency_us)
     values ($1, $2, now(), $2, 200, 1, $3, 5)`,
    [workspace.id, randomUUID(), inputs],
  );

const loggedInputs = async (workspace: TestWorkspace) =>
  (
    await owner<{ inputs: unknown }>(
      "select inputs from prediction_logs where workspace_id = $1 order by inputs::text",
      [workspace.id],
    )
  ).map(({ inputs }) => inputs);

it("erases a member, keeps what they made under a pseudonym, and leaves a proof that says its own hash", async () => {
  const gone = await person();
  const model = await make(as(gone));
  const proof = await eraseSubject(admin, { subject: gone.email.toUpperCase() });
  expect(proof).toMatchObject({ state: "complete" });
  const { report } = proof;
  expect((await getModel(admin, { model: model.id })).createdBy).toBe(report?.pseudonym);
  const tables = Object.fromEntries((report?.tables ?? []).map((one) => [one.table, one]));
  expect(tables.members).toEqual({ table: "members", found: 1, deleted: 1, changed: 0, left: 0 });
  expect(tables.users).toMatchObject({ deleted: 1, left: 0 });
  expect(tables.sessions).toMatchObject({ deleted: 1 });
  expect(tables.models).toMatchObject({ changed: 1, left: 0 });
  const hash = createHash("sha256")
    .update(canonicalize(report) ?? "")
    .digest("hex");
  expect(proof.reportSha256).toBe(hash);
  expect((await listErasures(admin, {})).items[0]).toEqual(proof);
  const digest = createHash("sha256")
    .update(Buffer.from(proof.salt, "hex"))
    .update(gone.email.toUpperCase())
    .digest("hex");
  expect(proof.subjectDigest).toBe(digest);
  const { items } = await listAudit(admin, { subjectType: "erasure" });
  expect(items.map((item) => item.action)).toEqual([
    "privacy.erased",
    "privacy.erasure_started",
    "privacy.entries_erased",
  ]);
  expect(items[0]?.after).toMatchObject({ reportSha256: hash });
  expect(await grepDatabase(world, [gone.name, gone.email])).toEqual([]);
  expect(await verifyAudit(admin)).toMatchObject({ broken: null });
});

it.each(["viewer", "data_scientist", "ml_engineer", "operator"] as const)(
  "neither exports nor erases for a %s",
  async (role) => {
    const ctx = own.as(role);
    const subject = "somebody@example.org";
    await expect(eraseSubject(ctx, { subject })).rejects.toMatchObject({ code: "forbidden" });
    await expect(exportSubject(ctx, { subject })).rejects.toMatchObject({ code: "forbidden" });
    await expect(listErasures(ctx, {})).rejects.toMatchObject({ code: "forbidden" });
  },
);

it("refuses the last administrator and oneself, and changes nothing then", async () => {
  const alone = await world.workspace();
  const last = await person([alone], "admin");
  await make(as(last, alone));
  for (const dryRun of [true, false]) {
    await expect(
      eraseSubject(alone.as("admin"), { subject: last.email, dryRun }),
    ).rejects.toMatchObject({ code: "conflict", message: expect.stringMatching(/administrator/) });
  }
  const second = await person([alone], "admin");
  await expect(eraseSubject(as(second, alone), { subject: second.userId })).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringMatching(/themselves/),
  });
  const found = await grepDatabase(world, [last.name]);
  expect(found).toContain(`users.name: ${last.name}`);
  expect(await owner("select 1 from erasures where workspace_id = $1", [alone.id])).toEqual([]);
});

it("touches one workspace only, and keeps an account another workspace needs", async () => {
  const other = await world.workspace();
  const both = await person([own, other]);
  const here = await make(as(both));
  const there = await make(as(both, other));
  const subject = "patient-7731-q";
  await logRow(own, JSON.stringify([{ id: subject }]));
  await logRow(other, JSON.stringify([{ id: subject }]));
  const proof = await eraseSubject(admin, { subject: both.email });
  expect(proof.report?.notes.join(" ")).toMatch(/belongs to other workspaces/);
  expect((await getModel(admin, { model: here.id })).createdBy).toBe(proof.report?.pseudonym);
  expect((await getModel(other.as("admin"), { model: there.id })).createdBy).toBe(both.name);
  expect(await owner("select 1 from users where id = $1", [both.userId])).toHaveLength(1);
  await eraseSubject(admin, { subject });
  expect(await loggedInputs(other)).toEqual([[{ id: subject }]]);
  await eraseSubject(other.as("admin"), { subject: both.email });
  expect(await owner("select 1 from users where id = $1", [both.userId])).toEqual([]);
});

it("revokes the keys a person made instead of setting them free", async () => {
  const maker = await person([own], "admin");
  const { id } = await createApiKey(as(maker), { name: "their key", role: "admin" });
  await eraseSubject(admin, { subject: maker.userId });
  const [key] = await owner<{ created_by: string | null; revoked: boolean }>(
    "select created_by, revoked_at is not null as revoked from api_keys where id = $1",
    [id],
  );
  expect(key).toEqual({ created_by: null, revoked: true });
});

it("deletes the prediction log of exactly one end user, short and numeric ids by field", async () => {
  const w = await world.workspace();
  const ctx = w.as("admin");
  const rows = [
    '[{"customer":"42","age":7}]',
    '[ { "age" : 7 , "customer" : 42 } ]',
    '[{"customer":"421","age":42}]',
    '[{"customer":"17","note":"customer 42"}]',
    '[{"customer":"user-900142"},{"customer":"user-1"}]',
    '[{"customer":"user-900142-b"}]',
  ];
  for (const inputs of rows) await logRow(w, inputs);
  const without = await eraseSubject(ctx, { subject: "42" });
  expect(without.report?.notes.join(" ")).toMatch(/name the inputs/);
  expect(await loggedInputs(w)).toHaveLength(6);
  await eraseSubject(ctx, { subject: "42", fields: ["customer"] });
  await eraseSubject(ctx, { subject: "user-900142" });
  const left = (await loggedInputs(w)).map((inputs) => JSON.stringify(inputs)).toSorted();
  expect(left).toEqual([rows[2], rows[3], rows[5]].toSorted());
});

it("counts in a dry run what an erasure then finds, and changes nothing by it", async () => {
  const w = await world.workspace();
  const who = await person([w]);
  await make(as(who, w));
  const before = await grepDatabase(world, [who.name, who.email]);
  const dry = await eraseSubject(w.as("admin"), { subject: who.email, dryRun: true });
  expect(await grepDatabase(world, [who.name, who.email])).toEqual(before);
  expect(dry).toMatchObject({ id: null, report: { dryRun: true } });
  const real = await eraseSubject(w.as("admin"), { subject: who.email });
  const counts = (one: typeof dry) =>
    Object.fromEntries((one.report?.tables ?? []).map(({ table, found }) => [table, found]));
  expect(counts(dry)).toEqual(counts(real));
});

it.each(["models", "runs", "audit_personal"])(
  "says itself that it is incomplete when %s is missing from the catalogue",
  async (table) => {
    const w = await world.workspace();
    const who = await person([w]);
    await make(as(who, w));
    await createRun(as(who, w), { userName: who.name });
    const { [table]: _left, ...catalogue } = CATALOGUE;
    const proof = await eraseSubject(w.as("admin"), { subject: who.email }, { catalogue });
    expect(proof.state).toBe("incomplete");
    expect(proof.report?.tables.find((one) => one.table === table)?.left).toBeGreaterThan(0);
    expect(await grepDatabase(world, [who.name])).not.toEqual([]);
  },
);

it("searches a table nobody declared", async () => {
  const w = await world.workspace();
  await owner("create table strangers (workspace_id uuid, diary text)");
  await owner("grant select on strangers to modelyard_app");
  await owner("insert into strangers values ($1, 'met subject-88123 today')", [w.id]);
  const proof = await eraseSubject(w.as("admin"), { subject: "subject-88123" });
  await owner("drop table strangers");
  expect(proof).toMatchObject({
    state: "incomplete",
    report: { tables: [{ table: "strangers", left: 1 }] },
  });
});

it("takes subjects of any characters as text, not as an expression", async () => {
  const w = await world.workspace();
  for (const subject of [
    ".*.*.*",
    "(((((((",
    "a|b|c|d",
    "\\d+\\d+",
    "[[:alpha:]]",
    "🦊🦊🦊 fox",
    'O\'Neil "x"',
    "%%%%%%%",
  ]) {
    await logRow(w, JSON.stringify([{ who: subject }]));
    await logRow(w, JSON.stringify([{ who: "somebody else" }]));
    const proof = await eraseSubject(w.as("admin"), { subject });
    expect(proof.state, subject).toBe("complete");
    expect(JSON.stringify(await loggedInputs(w)), subject).not.toContain(JSON.stringify(subject));
    expect(JSON.stringify(await loggedInputs(w))).toContain("somebody else");
  }
  for (const subject of ["", " ", "x".repeat(321), "a\0b"]) {
    await expect(eraseSubject(w.as("admin"), { subject })).rejects.toThrow();
  }
});
