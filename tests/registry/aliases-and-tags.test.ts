import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createGrant } from "@/server/access";
import {
  createModel,
  deleteModelTag,
  deleteVersion,
  deleteVersionTag,
  getModel,
  getVersion,
  listVersions,
  registerVersion,
  setAlias,
  setModelTag,
  setVersionTag,
} from "@/server/registry";
import { asOwner } from "../support/database";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { versionInput } from "./version-input";

let world: TestWorld;
let server: TestServer;
let a: TestWorkspace;
let b: TestWorkspace;
let model: string;
beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world);
  b = await world.workspace();
});
afterAll(async () => {
  await server.close();
  await world.close();
});
beforeEach(async () => {
  a = await world.workspace();
  const made = await createModel(a.as("admin"), {
    name: `m-${randomUUID().slice(0, 8)}`,
    type: "classification",
    framework: "onnx",
  });
  model = made.id;
  await registerVersion(a.job(), versionInput(model));
  await registerVersion(a.job(), versionInput(model));
});

const call = async (
  method: string,
  path: string,
  role: "viewer" | "data_scientist",
  body?: object,
) => {
  const reply = await fetch(`${server.url}/api/v1/models/${model}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${await a.key(role)}`,
      ...(body ? { "content-type": "application/json" } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await reply.text();
  return { status: reply.status, body: text ? JSON.parse(text) : null };
};
const actions = async () =>
  (
    await asOwner<{ action: string }>(
      world.db.ownerUrl,
      "select action from audit_log where workspace_id = $1 order by seq",
      [a.id],
    )
  )
    .map(({ action }) => action)
    .slice(3);

it("points an alias at a version, moves it, and reads the version through it", async () => {
  const path = "/aliases/champion";
  const set = await call("PUT", path, "data_scientist", { version: "1" });
  expect(set).toMatchObject({ status: 200, body: { alias: "champion", versionNumber: 1 } });
  await call("PUT", path, "data_scientist", { version: "latest" });
  await call("PUT", path, "data_scientist", { version: "2" });
  const read = await call("GET", "/versions/@champion", "viewer");
  expect(read.body).toMatchObject({ number: 2 });
  const list = await call("GET", "/aliases", "viewer");
  expect(list.body.items).toMatchObject([{ alias: "champion", versionNumber: 2 }]);
  expect((await call("DELETE", path, "data_scientist")).status).toBe(204);
  expect((await call("DELETE", path, "data_scientist")).status).toBe(204);
  expect((await call("GET", "/versions/@champion", "viewer")).status).toBe(404);
  // Pointing it where it is already changes nothing and leaves no trace.
  expect(await actions()).toEqual(["alias.set", "alias.set", "alias.deleted"]);
});

it("sets and deletes tags of models and versions, slashes in keys included", async () => {
  expect((await call("PUT", "/tags/a/b", "data_scientist", { value: "1" })).body).toEqual({
    key: "a/b",
    value: "1",
  });
  expect((await call("GET", "", "viewer")).body).toMatchObject({ tags: { "a/b": "1" } });
  expect((await call("DELETE", "/tags/a/b", "data_scientist")).status).toBe(204);
  expect((await call("GET", "", "viewer")).body).toMatchObject({ tags: {} });
  await call("PUT", "/versions/1/tags/k", "data_scientist", { value: "v" });
  await call("PUT", "/versions/1/tags/k", "data_scientist", { value: "v" });
  expect((await call("GET", "/versions/1/tags", "viewer")).body.items).toEqual([
    { key: "k", value: "v" },
  ]);
  expect((await call("DELETE", "/versions/1/tags/k", "data_scientist")).status).toBe(204);
  expect((await call("GET", "/versions/1/tags", "viewer")).body.items).toEqual([]);
  expect(await actions()).toEqual([
    "model.tag_set",
    "model.tag_deleted",
    "version.tag_set",
    "version.tag_deleted",
  ]);
});

it("deletes a version: out of sight with its aliases, its number never given again", async () => {
  await setAlias(a.as("admin"), { model, alias: "champion", version: "2" });
  expect((await call("DELETE", "/versions/2", "data_scientist")).status).toBe(204);
  expect((await call("DELETE", "/versions/2", "data_scientist")).status).toBe(404);
  expect((await call("GET", "/aliases", "viewer")).body.items).toEqual([]);
  expect(await getModel(a.as("viewer"), { model })).toMatchObject({
    latestVersion: 1,
    versionCount: 1,
  });
  const listed = await listVersions(a.as("viewer"), { model });
  expect(listed.items.map(({ number }) => number)).toEqual([1]);
  const next = await registerVersion(a.job(), versionInput(model));
  const [first] = listed.items;
  expect(next).toMatchObject({ number: 3, parentVersionId: first?.id });
});

it("keeps out other workspaces, lesser roles, and whoever a grant leaves out", async () => {
  const writes = [
    (ctx = a.as("viewer")) => setAlias(ctx, { model, alias: "x", version: "1" }),
    (ctx = a.as("viewer")) => setModelTag(ctx, { model, key: "k", value: "v" }),
    (ctx = a.as("viewer")) => deleteModelTag(ctx, { model, key: "k" }),
    (ctx = a.as("viewer")) => setVersionTag(ctx, { model, version: "1", key: "k", value: "v" }),
    (ctx = a.as("viewer")) => deleteVersionTag(ctx, { model, version: "1", key: "k" }),
    (ctx = a.as("viewer")) => deleteVersion(ctx, { model, version: "1" }),
  ];
  const person = a.as("data_scientist");
  await createGrant(a.as("admin"), {
    modelId: model,
    action: "write",
    granteeType: "role",
    grantee: "ml_engineer",
  });
  for (const write of writes) {
    await expect(write()).rejects.toMatchObject({ code: "forbidden" });
    await expect(write(person)).rejects.toMatchObject({ code: "forbidden" });
    await expect(write(b.as("admin"))).rejects.toMatchObject({ code: "not_found" });
  }
  expect((await getVersion(a.as("viewer"), { model, version: "1" })).number).toBe(1);
});

it("finds a model by exactly its name where names differ in case only", async () => {
  const reply = async (ref: string) => {
    const answer = await fetch(`${server.url}/api/v1/models/${encodeURIComponent(ref)}`, {
      headers: { authorization: `Bearer ${await a.key("viewer")}` },
    });
    return (await answer.json()).name;
  };
  const mlflow = async (name: string) =>
    fetch(`${server.url}/api/2.0/mlflow/registered-models/create`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${await a.key("data_scientist")}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({ name }),
    });
  await mlflow("Twin");
  await mlflow("twin");
  expect(await reply("Twin")).toBe("Twin");
  expect(await reply("twin")).toBe("twin");
  expect(await reply("TWIN")).toBe("Twin");
  expect(await reply("name:twin")).toBe("twin");
  expect(await reply("name:TWIN")).toBeUndefined();
});
