import { afterAll, beforeAll, expect, it } from "vitest";
import { listAudit } from "@/server/audit";
import type { ExportedRecord } from "@/server/privacy/export-subject";
import { createModel } from "@/server/registry";
import { asOwner } from "../support/database";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { addPerson } from "./support";

let world: TestWorld;
let server: TestServer;
let own: TestWorkspace;
let key: string;
beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world);
  own = await world.workspace();
  key = await own.key("admin");
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const call = (path: string, method = "GET", body?: unknown, as = key) =>
  fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${as}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

const parse = (text: string): ExportedRecord[] =>
  text
    .trim()
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as ExportedRecord);

it("streams every record about a subject as NDJSON, without secrets or other people's rows", async () => {
  const who = await addPerson(world, { name: "Perpetua Vane", email: "p.vane@export.example" }, [
    { workspace: own, role: "admin" },
  ]);
  const ctx = own.as("admin");
  ctx.actor = { type: "user", userId: who.userId, name: who.name, role: "admin" };
  await createModel(ctx, { name: "hers", type: "regression", framework: "onnx" });
  await createModel(own.as("admin"), { name: "not hers", type: "regression", framework: "onnx" });
  await asOwner(
    world.db.ownerUrl,
    `insert into prediction_logs (workspace_id, request_id, at, deployment_id, status, rows, inputs, latency_us)
     select $1, gen_random_uuid(), now(), gen_random_uuid(), 200, 1,
       jsonb_build_array(jsonb_build_object('mail', case when i % 2 = 0 then $2 else 'x@export.example' end)), 1
     from generate_series(1, 1000) i`,
    [own.id, who.email],
  );
  const reply = await call(`/privacy/subjects/${encodeURIComponent(who.email)}/export`);
  expect(reply.status).toBe(200);
  expect(reply.headers.get("content-type")).toBe("application/x-ndjson");
  expect(reply.headers.get("content-disposition")).toMatch(/^attachment/);
  const text = await reply.text();
  const records = parse(text);
  const count = (table: string) => records.filter((one) => one.table === table).length;
  expect(count("prediction_logs")).toBe(500);
  expect(count("models")).toBe(1);
  expect(count("users")).toBe(1);
  expect(count("members")).toBe(1);
  expect(count("audit_personal")).toBeGreaterThan(0);
  expect(text).not.toContain("x@export.example");
  expect(text).not.toMatch(/token_hash|secret_hash|"salt"|not hers/);
  expect(new Set(records.map((one) => one.workspace))).toEqual(new Set([own.id]));
  const { items } = await listAudit(own.as("admin"), { action: "privacy.exported" });
  expect(items).toHaveLength(1);
  expect(JSON.stringify(items[0]?.after)).not.toContain("vane");
});

it("answers another workspace nothing about the subject", async () => {
  const other = await world.workspace();
  const theirs = await other.key("admin");
  const reply = await call(
    "/privacy/subjects/p.vane%40export.example/export",
    "GET",
    undefined,
    theirs,
  );
  expect(parse(await reply.text())).toEqual([]);
  const erased = await call(
    "/privacy/erasures",
    "POST",
    { subject: "p.vane@export.example" },
    theirs,
  );
  expect((await erased.json()).report.tables).toEqual([]);
  const mine = await call("/privacy/subjects/p.vane%40export.example/export");
  expect(parse(await mine.text()).length).toBeGreaterThan(500);
  expect((await (await call("/privacy/erasures")).json()).items).toEqual([]);
});

it("erases over REST and lists the proof; refuses bad input and the under-privileged", async () => {
  const made = await call("/privacy/erasures", "POST", { subject: "p.vane@export.example" });
  // She is the only administrator.
  expect(made.status).toBe(409);
  await addPerson(world, { name: "Second", email: "second@export.example" }, [
    { workspace: own, role: "admin" },
  ]);
  const done = await call("/privacy/erasures", "POST", { subject: "p.vane@export.example" });
  expect(done.status).toBe(201);
  const proof = await done.json();
  expect(proof.state).toBe("complete");
  expect((await (await call("/privacy/erasures?limit=1")).json()).items).toEqual([proof]);
  const again = await call("/privacy/subjects/p.vane%40export.example/export");
  expect(parse(await again.text())).toEqual([]);
  for (const body of [{}, { subject: "" }, { subject: 5 }, { subject: "a", more: 1 }]) {
    expect((await call("/privacy/erasures", "POST", body)).status).toBe(422);
  }
  const viewer = await own.key("viewer");
  expect((await call("/privacy/erasures", "POST", { subject: "x" }, viewer)).status).toBe(403);
  expect((await call("/privacy/subjects/x/export", "GET", undefined, viewer)).status).toBe(403);
});
