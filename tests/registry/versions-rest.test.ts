import { afterAll, beforeAll, expect, it } from "vitest";
import { createModel, registerVersion } from "@/server/registry";
import { send } from "../datasets/upload-form";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { storeBytes, versionInput } from "./version-input";

let world: TestWorld;
let server: TestServer;
let a: TestWorkspace;
let headers: { authorization: string };
let base: string;
const ONNX = Buffer.from("onnx ".repeat(1_000));
beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world);
  a = await world.workspace();
  headers = { authorization: `Bearer ${await a.key("data_scientist")}` };
  const model = await createModel(a.as("admin"), {
    name: "credit risk",
    type: "classification",
    framework: "xgboost",
  });
  const onnx = await storeBytes(a.job(), ONNX);
  const text = await storeBytes(a.job(), "xgboost==2.1");
  const artifacts = [
    { path: "model.onnx", kind: "model", ...onnx },
    { path: "native/deep folder/requirements.txt", kind: "requirements", ...text },
  ];
  await registerVersion(a.job(), versionInput(model.id, { artifacts }));
  await registerVersion(a.job(), versionInput(model.id, { hyperparameters: { C: 2 } }));
  base = `${server.url}/api/v1/models/credit%20risk`;
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const get = (path: string, more: Record<string, string> = {}) =>
  send(`${base}${path}`, "GET", { ...headers, ...more });
const write = (method: string, path: string, body: unknown) =>
  send(
    `${base}${path}`,
    method,
    { ...headers, "content-type": "application/json" },
    JSON.stringify(body),
  );

it("answers model, versions, one version, lineage and comparison", async () => {
  expect((await get("")).body).toMatchObject({ latestVersion: 2, versionCount: 2 });
  expect((await get("/versions?limit=1")).body).toMatchObject({
    items: [{ number: 2 }],
    nextCursor: expect.any(String),
  });
  expect((await get("/versions/1")).body).toMatchObject({
    number: 1,
    signature: { task: "classification" },
  });
  expect((await get("/versions/latest/lineage")).body.nodes).toHaveLength(3);
  expect((await get("/compare?versions=1,2")).body.hyperparameters).toEqual([
    { name: "C", values: [1, 2], differs: true },
  ]);
});

it("lists artifacts and sends them whole or in part, slashes in the path and all", async () => {
  expect((await get("/versions/1/artifacts")).body.items).toMatchObject([
    { path: "model.onnx", kind: "model", sizeBytes: ONNX.length },
    { path: "native/deep folder/requirements.txt" },
  ]);
  const whole = await get("/versions/1/artifacts/model.onnx");
  expect(whole).toMatchObject({ status: 200, body: ONNX.toString() });
  expect(whole.headers).toMatchObject({
    "content-disposition": expect.stringContaining('filename="model.onnx"'),
    "x-content-type-options": "nosniff",
  });
  const part = await get("/versions/1/artifacts/model.onnx", { range: "bytes=5-8" });
  expect(part).toMatchObject({ status: 206, body: "onnx" });
  for (const path of [
    "native/deep%20folder/requirements.txt",
    "native%2Fdeep%20folder%2Frequirements.txt",
  ]) {
    expect(await get(`/versions/1/artifacts/${path}`)).toMatchObject({
      status: 200,
      body: "xgboost==2.1",
    });
  }
});

it("answers 404 and nothing of the disk for every spelling of a way out", async () => {
  const dots = ["..", "%2e%2e", "%252e%252e", "..%5c..", "%c0%ae%c0%ae", "\u2025", "....//"];
  const tails = ["etc/passwd", "etc%2fpasswd", "model.onnx", "../model.onnx", "x%00.onnx"];
  const paths = dots.flatMap((dot) => tails.map((tail) => `${dot}/${dot}/${tail}`));
  paths.push(
    "%2Fetc%2Fpasswd",
    "/etc/passwd",
    "C:%5cx",
    "file:%2f%2f%2fetc%2fpasswd",
    "model.onnx%00",
  );
  for (const path of paths) {
    const reply = await get(`/versions/1/artifacts/${encodeURI(path).replaceAll("%25", "%")}`);
    expect({ path, client: reply.status >= 400 && reply.status < 500 }).toEqual({
      path,
      client: true,
    });
    expect(JSON.stringify(reply.body)).not.toMatch(/root:|onnx onnx/);
  }
});

it("changes a model and a version, and says what is wrong with a bad change", async () => {
  expect(await write("PATCH", "/versions/1", { label: "1.0" })).toMatchObject({
    status: 200,
    body: { label: "1.0" },
  });
  expect(await write("PATCH", "", { tags: { tier: "gold" } })).toMatchObject({
    status: 200,
    body: { tags: { tier: "gold" } },
  });
  for (const [path, body] of [
    ["/versions/1", { stage: "production" }],
    ["/versions/1", { label: "" }],
    ["", { type: "magic" }],
    ["", { name: "../x" }],
    ["", { id: "x" }],
    ["", { description: "a\u0000b" }],
    ["", { hyperparameters: { text: "\u0000" } }],
    ["", { hyperparameters: { half: "\ud800" } }],
  ] as const) {
    const reply = await write("PATCH", path, body);
    expect({ body, status: reply.status }).toEqual({ body, status: 422 });
  }
});

it("answers 404 for ids, names and versions that are nobody's, whatever they look like", async () => {
  const models = ["none", "%00", "%F0%9F%98%80", "0190a1b2-0000-7000-8000-000000000000", "a%2Fb"];
  for (const model of models) {
    const reply = await send(`${server.url}/api/v1/models/${model}`, "GET", headers);
    expect([404, 422]).toContain(reply.status);
  }
  for (const version of ["9", "x", "-1", "1e9", "99999999999999999999", "%00"]) {
    const reply = await get(`/versions/${version}`);
    expect([404, 422]).toContain(reply.status);
  }
  const other = await world.workspace();
  const foreign = { authorization: `Bearer ${await other.key("admin")}` };
  for (const path of ["", "/versions", "/versions/1", "/versions/1/artifacts/model.onnx"]) {
    expect((await send(`${base}${path}`, "GET", foreign)).status).toBe(404);
  }
});

it("deletes a model once", async () => {
  const viewer = { authorization: `Bearer ${await a.key("viewer")}` };
  expect((await send(base, "DELETE", viewer)).status).toBe(403);
  expect((await send(base, "DELETE", headers)).status).toBe(204);
  expect((await send(base, "DELETE", headers)).status).toBe(404);
});
