import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asOwner } from "../support/database";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { type MlflowClient, mlflowClient } from "./client";

let world: TestWorld;
let workspace: TestWorkspace;
let server: TestServer;
let mlflow: MlflowClient;
beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world);
});
afterAll(async () => {
  await server.close();
  await world.close();
});
beforeEach(async () => {
  workspace = await world.workspace();
  mlflow = mlflowClient(server, await workspace.key("data_scientist"));
});

const time = expect.any(Number);
const ok = { status: 200, body: {} };
const refusal = (status: number, error_code: string, message: string | RegExp) => ({
  status,
  body: {
    error_code,
    message: typeof message === "string" ? message : expect.stringMatching(message),
  },
});
const invalid = (message: string | RegExp) => refusal(400, "INVALID_PARAMETER_VALUE", message);
const missing = (name: string) =>
  refusal(404, "RESOURCE_DOES_NOT_EXIST", `Registered Model with name=${name} not found`);
const required = (name: string) =>
  invalid(
    `Missing value for required parameter '${name}'. See the API docs for more information about request parameters.`,
  );

const ROOT = "/mlflow/registered-models";
const create = (name: string, more: object = {}) =>
  mlflow.post(`${ROOT}/create`, { name, ...more });
const addVersion = (name: string, more: object = {}) =>
  mlflow.post("/mlflow/model-versions/create", { name, source: "s3://bucket/model", ...more });

describe("registered-models/create and get", () => {
  it("answer the model; empty lists are left out", async () => {
    const made = await create("churn", {
      description: "who leaves",
      tags: [{ key: "team", value: "risk" }],
    });
    const expected = {
      status: 200,
      body: {
        registered_model: {
          name: "churn",
          creation_timestamp: time,
          last_updated_timestamp: time,
          user_id: "data_scientist key",
          description: "who leaves",
          tags: [{ key: "team", value: "risk" }],
        },
      },
    };
    expect(made).toEqual(expected);
    expect(await mlflow.get(`${ROOT}/get`, { name: "churn" })).toEqual(expected);
  });

  it("are the models of the product: the same row, the same trail", async () => {
    await create("shared");
    const reply = await fetch(`${server.url}/api/v1/models/shared`, {
      headers: { authorization: `Bearer ${await workspace.key("viewer")}` },
    });
    expect(await reply.json()).toMatchObject({
      name: "shared",
      type: "other",
      framework: "custom",
    });
    const trail = await asOwner(
      world.db.ownerUrl,
      "select action from audit_log where workspace_id = $1",
      [workspace.id],
    );
    expect(trail).toEqual([{ action: "model.created" }]);
  });

  it("refuse a name twice, none, one with slashes or colons, and one that climbs", async () => {
    await create("churn");
    expect(await create("churn")).toEqual(
      refusal(400, "RESOURCE_ALREADY_EXISTS", "Registered Model (name=churn) already exists."),
    );
    expect(await mlflow.post(`${ROOT}/create`, {})).toEqual(required("name"));
    for (const name of ["a/b", "a:b", "..", "../a", ".", " ", "a".repeat(257), "a\u0000b"]) {
      expect((await create(name)).body, name).toMatchObject({
        error_code: "INVALID_PARAMETER_VALUE",
      });
    }
    expect((await create("a".repeat(256))).status).toBe(200);
  });

  it("tell names apart by case, and take those that look like ids, quotes or encodings", async () => {
    const names = [
      "Case",
      "case",
      "a'b\"c",
      "50%2F50",
      "0190a7e5-0000-7000-8000-000000000000",
      "latest",
    ];
    for (const name of names) expect((await create(name, { description: name })).status).toBe(200);
    for (const name of names) {
      const { body } = await mlflow.get(`${ROOT}/get`, { name });
      expect(body).toMatchObject({ registered_model: { name, description: name } });
    }
  });

  it("show nothing to another workspace and let a viewer read only", async () => {
    await create("churn");
    const other = mlflowClient(server, await (await world.workspace()).key("admin"));
    expect(await other.get(`${ROOT}/get`, { name: "churn" })).toEqual(missing("churn"));
    const viewer = mlflowClient(server, await workspace.key("viewer"));
    expect((await viewer.get(`${ROOT}/get`, { name: "churn" })).status).toBe(200);
    expect(await viewer.post(`${ROOT}/create`, { name: "more" })).toEqual(
      refusal(403, "PERMISSION_DENIED", /models:write/),
    );
  });

  it("answer under /ajax-api too", async () => {
    await create("churn");
    const ajax = mlflowClient(server, await workspace.key("viewer"), "/ajax-api/2.0");
    expect((await ajax.get(`${ROOT}/get`, { name: "churn" })).status).toBe(200);
  });
});

describe("registered-models/rename, update and delete", () => {
  it("rename, keeping versions and aliases", async () => {
    await create("old");
    await addVersion("old");
    await mlflow.post(`${ROOT}/alias`, { name: "old", alias: "champion", version: "1" });
    const renamed = await mlflow.post(`${ROOT}/rename`, { name: "old", new_name: "New: no" });
    expect(renamed).toEqual(invalid(/Names cannot contain/));
    const done = await mlflow.post(`${ROOT}/rename`, { name: "old", new_name: "Old" });
    expect(done.body).toMatchObject({
      registered_model: { name: "Old", aliases: [{ alias: "champion", version: "1" }] },
    });
    expect(await mlflow.get(`${ROOT}/get`, { name: "old" })).toEqual(missing("old"));
    await create("old");
    expect(await mlflow.post(`${ROOT}/rename`, { name: "old", new_name: "Old" })).toEqual(
      refusal(400, "RESOURCE_ALREADY_EXISTS", "Registered Model (name=Old) already exists."),
    );
    expect(await mlflow.post(`${ROOT}/rename`, { name: "old" })).toEqual(required("new_name"));
  });

  it("update the description, and the time with it", async () => {
    const { body } = await create("churn");
    const before = (body as { registered_model: { last_updated_timestamp: number } })
      .registered_model;
    const done = await mlflow.patch(`${ROOT}/update`, { name: "churn", description: "new" });
    const after = (
      done.body as typeof body & { registered_model: typeof before & { description: string } }
    ).registered_model;
    expect(after.description).toBe("new");
    expect(after.last_updated_timestamp).toBeGreaterThanOrEqual(before.last_updated_timestamp);
    expect(await mlflow.patch(`${ROOT}/update`, { name: "nobody" })).toEqual(missing("nobody"));
  });

  it("delete by a JSON body and free the name", async () => {
    await create("churn");
    await addVersion("churn");
    expect(await mlflow.delete(`${ROOT}/delete`, { name: "churn" })).toEqual(ok);
    expect(await mlflow.delete(`${ROOT}/delete`, { name: "churn" })).toEqual(missing("churn"));
    const { body } = await mlflow.get("/mlflow/model-versions/search", {
      filter: "name = 'churn'",
    });
    expect(body).toEqual({});
    expect((await create("churn")).status).toBe(200);
    expect((await addVersion("churn")).body).toMatchObject({ model_version: { version: "1" } });
  });
});

describe("tags and aliases of a model", () => {
  it("set, overwrite and delete tags; what is not there is gone already", async () => {
    await create("churn");
    const tag = { name: "churn", key: "a/b c", value: "" };
    expect(await mlflow.post(`${ROOT}/set-tag`, tag)).toEqual(ok);
    expect(await mlflow.post(`${ROOT}/set-tag`, { ...tag, value: "x" })).toEqual(ok);
    const { body } = await mlflow.get(`${ROOT}/get`, { name: "churn" });
    expect(body).toMatchObject({ registered_model: { tags: [{ key: "a/b c", value: "x" }] } });
    expect(await mlflow.delete(`${ROOT}/delete-tag`, { name: "churn", key: "a/b c" })).toEqual(ok);
    expect(await mlflow.delete(`${ROOT}/delete-tag`, { name: "churn", key: "a/b c" })).toEqual(ok);
    expect(await mlflow.post(`${ROOT}/set-tag`, { name: "churn", value: "x" })).toEqual(
      required("key"),
    );
    expect(await mlflow.post(`${ROOT}/set-tag`, { ...tag, name: "no" })).toEqual(missing("no"));
    const long = await mlflow.post(`${ROOT}/set-tag`, { ...tag, value: "x".repeat(100_001) });
    expect(long).toEqual(invalid(/value/));
  });

  it("point an alias at a version, move it, read through it and take it away", async () => {
    await create("churn");
    await addVersion("churn");
    await addVersion("churn");
    const set = (alias: string, version = "1") =>
      mlflow.post(`${ROOT}/alias`, { name: "churn", alias, version });
    const read = (alias: string) => mlflow.get(`${ROOT}/alias`, { name: "churn", alias });
    expect(await set("champion")).toEqual(ok);
    expect(await set("champion", "2")).toEqual(ok);
    expect((await read("champion")).body).toMatchObject({
      model_version: { version: "2", aliases: ["champion"] },
    });
    expect((await read("latest")).body).toMatchObject({ model_version: { version: "2" } });
    for (const alias of ["latest", "LATEST", "v1", "V22", "a b", "a/b", "a".repeat(256)]) {
      expect(await set(alias), alias).toEqual(invalid(/alias/));
    }
    expect(await set("champion", "9")).toEqual(
      refusal(404, "RESOURCE_DOES_NOT_EXIST", "Model Version (name=churn, version=9) not found"),
    );
    expect(await read("nobody")).toEqual(invalid("Registered model alias nobody not found."));
    expect(await mlflow.get(`${ROOT}/alias`, { name: "no", alias: "a" })).toEqual(missing("no"));
    const gone = { name: "churn", alias: "champion" };
    expect(await mlflow.delete(`${ROOT}/alias`, gone)).toEqual(ok);
    expect(await mlflow.delete(`${ROOT}/alias`, gone)).toEqual(ok);
    expect(await read("champion")).toEqual(invalid("Registered model alias champion not found."));
    const actions = await asOwner<{ action: string }>(
      world.db.ownerUrl,
      "select action from audit_log where workspace_id = $1 and action like 'alias.%' order by seq",
      [workspace.id],
    );
    expect(actions.map(({ action }) => action)).toEqual([
      "alias.set",
      "alias.set",
      "alias.deleted",
    ]);
  });
});
