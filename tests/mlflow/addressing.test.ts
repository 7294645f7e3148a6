import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { mlflowClient } from "./client";

let world: TestWorld;
let a: TestWorkspace;
let b: TestWorkspace;
let server: TestServer;
let key: string;
beforeAll(async () => {
  world = await createTestWorld();
  [a, b] = [await world.workspace(), await world.workspace()];
  server = await startTestServer(world);
  key = await a.key("data_scientist");
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const experiment = "/mlflow/experiments/get?experiment_id=0";
const ask = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${key}`, ...headers } });

describe("the address of the server", () => {
  it("answers under every prefix, with the workspace in the path or without", async () => {
    for (const place of ["", `/w/${a.slug}`, `/w/${a.id}`]) {
      for (const api of ["/api", "/ajax-api"]) {
        expect((await ask(`${place}${api}/2.0${experiment}`)).status, place + api).toBe(200);
      }
      expect(await (await fetch(`${server.url}${place}/health`)).text()).toBe("OK");
      expect(await (await fetch(`${server.url}${place}/version`)).text()).toMatch(/^3\.4\.\d+$/);
    }
  });

  it("holds files under the prefix of the workspace, too", async () => {
    const mlflow = mlflowClient(server, key, `/w/${a.slug}/api/2.0`);
    const { body } = await mlflow.post("/mlflow/runs/create", {});
    const { run_id } = (body as { run: { info: { run_id: string } } }).run.info;
    const file = `/mlflow-artifacts/artifacts/0/${run_id}/artifacts/f.json`;
    expect((await mlflow.put(file, '{"a":1}')).status).toBe(200);
    expect((await mlflow.send(file, { method: "GET" })).body).toEqual({ a: 1 });
    expect((await ask(`/api/2.0${file}`)).status).toBe(200);
  });

  it("does not answer a key of one workspace under the name of another", async () => {
    for (const name of [b.slug, b.id, "nowhere", "%00", "a%2fb"]) {
      const reply = await ask(`/w/${name}/api/2.0${experiment}`);
      expect(reply.status, name).toBe(404);
      expect(await reply.json()).toMatchObject({ error_code: "RESOURCE_DOES_NOT_EXIST" });
    }
    expect((await ask(`/w/%zz/api/2.0${experiment}`)).status).toBe(400);
  });

  it("takes the workspace of the header X-MLFLOW-WORKSPACE, which must be the key's", async () => {
    const path = `/api/2.0${experiment}`;
    expect((await ask(path, { "x-mlflow-workspace": a.slug })).status).toBe(200);
    expect((await ask(path, { "x-mlflow-workspace": b.slug })).status).toBe(404);
    const both = { "x-mlflow-workspace": b.slug };
    expect((await ask(`/w/${a.slug}${path}`, both)).status).toBe(400);
  });

  it("has no workspaces of the client's kind, and no server features of older ones", async () => {
    const info = await ask("/api/3.0/mlflow/server-info");
    expect(await info.json()).toMatchObject({ workspaces_enabled: false });
    const features = await ask("/api/2.0/mlflow/server-features");
    expect(features.status).toBe(404);
    expect(await features.json()).toMatchObject({ error_code: "ENDPOINT_NOT_FOUND" });
  });

  it("keeps each version of the interface to its own routes", async () => {
    expect((await ask(`/api/3.0${experiment}`)).status).toBe(404);
    expect((await ask("/api/2.0/mlflow/traces/tr-x/assessments/a-1")).status).toBe(404);
  });
});
