import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newApiKey } from "@/server/access/api-key-format";
import { createRun, listRuns } from "@/server/experiments";
import { newId } from "@/server/kernel/ids";
import { mlflowPaths } from "@/server/protocols/mlflow/app";
import { mlflowRoutes } from "@/server/protocols/mlflow/routes";
import { asOwner } from "../support/database";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { type MlflowClient, mlflowClient } from "./client";

let world: TestWorld;
let workspace: TestWorkspace;
let server: TestServer;
let key: string;
let mlflow: MlflowClient;
beforeAll(async () => {
  world = await createTestWorld();
  workspace = await world.workspace();
  server = await startTestServer(world);
  key = await workspace.key("data_scientist");
  mlflow = mlflowClient(server, key);
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const BASE = "/api/2.0/mlflow/experiments/create";

describe("credentials", () => {
  it("are a bearer key or the password of basic authentication; nothing else is let in", async () => {
    const ask = (authorization?: string) =>
      fetch(`${server.url}/api/2.0/mlflow/experiments/get?experiment_id=0`, {
        headers: authorization ? { authorization } : {},
      });
    const basic = (user: string, password: string) =>
      `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
    expect((await ask(`Bearer ${key}`)).status).toBe(200);
    expect((await ask(basic("anybody", key))).status).toBe(200);
    for (const bad of [undefined, "Bearer nonsense", basic(key, "wrong"), "Bearer ", "x"]) {
      const reply = await ask(bad);
      expect(reply.status).toBe(401);
      expect(await reply.json()).toMatchObject({ error_code: "UNAUTHENTICATED" });
    }
  });

  it("of a viewer read and do not write", async () => {
    const viewer = mlflowClient(server, await workspace.key("viewer"));
    expect((await viewer.get("/mlflow/experiments/get", { experiment_id: "0" })).status).toBe(200);
    const refused = await viewer.post("/mlflow/experiments/create", { name: "x" });
    expect(refused.status).toBe(403);
    expect(refused.body.error_code).toBe("PERMISSION_DENIED");
  });

  it("of one run write to that run and reach nothing else", async () => {
    const run = await createRun(workspace.as("admin"), {});
    const other = await createRun(workspace.as("admin"), {});
    const made = newApiKey();
    await asOwner(
      world.db.ownerUrl,
      "insert into api_keys (workspace_id, id, public_id, secret_hash, name, role, run_id) values ($1, $2, $3, $4, 'trainer', 'data_scientist', $5)",
      [workspace.id, newId(), made.publicId, made.secretHash, run.id],
    );
    const trainer = mlflowClient(server, made.key);
    const hex = (id: string) => id.replaceAll("-", "");
    const tag = { key: "k", value: "v" };
    const set = (id: string) => trainer.post("/mlflow/runs/set-tag", { run_id: hex(id), ...tag });
    const file = (id: string) =>
      trainer.put(`/mlflow-artifacts/artifacts/0/${hex(id)}/artifacts/f`, "x");
    expect((await set(run.id)).status).toBe(200);
    expect((await file(run.id)).status).toBe(200);
    expect((await set(other.id)).status).toBe(404);
    expect((await file(other.id)).status).toBe(404);
    const { body } = await trainer.post("/mlflow/runs/search", { experiment_ids: ["0"] });
    expect(body.runs).toHaveLength(1);
    for (const [path, message] of [
      ["runs/create", {}],
      ["experiments/create", { name: "x" }],
      ["experiments/delete", { experiment_id: "0" }],
      ["runs/delete", { run_id: hex(run.id) }],
    ] as const) {
      expect((await trainer.post(`/mlflow/${path}`, message)).status, path).toBe(403);
    }
  });
});

describe("the wire format", () => {
  it("needs application/json for a POST", async () => {
    const post = (type: string | undefined) =>
      fetch(`${server.url}${BASE}`, {
        method: "POST",
        body: new TextEncoder().encode('{"name":"typed"}'),
        headers: { authorization: `Bearer ${key}`, ...(type ? { "content-type": type } : {}) },
      });
    expect(await (await post("text/plain")).json()).toEqual({
      error_code: "INVALID_PARAMETER_VALUE",
      message: "Bad Request. Content-Type must be one of ['application/json'].",
    });
    const without = await post(undefined);
    expect(without.status).toBe(400);
    expect((await without.json()).message).toBe("Bad Request. Content-Type header is missing.");
    expect((await post("application/json; charset=utf-8")).status).toBe(200);
  });

  it("takes bodies that old clients encoded twice, and refuses what is no object", async () => {
    const twice = JSON.stringify(JSON.stringify({ name: "twice" }));
    expect((await mlflow.post("/mlflow/experiments/create", twice)).status).toBe(200);
    for (const bad of ["[]", "1", "{", '"{"', "\u0000", "true"]) {
      const reply = await mlflow.post("/mlflow/experiments/create", bad);
      expect(reply.status, bad).toBe(400);
      expect(reply.body.error_code).toBe("INVALID_PARAMETER_VALUE");
    }
  });

  it("takes field names in camelCase too, as proto JSON allows", async () => {
    const { status } = await mlflow.post("/mlflow/runs/create", { experimentId: "0" });
    expect(status).toBe(200);
  });

  it("answers ENDPOINT_NOT_FOUND for what it does not have", async () => {
    for (const path of ["/mlflow/nothing", "/mlflow/scorers", "/mlflow-artifacts/nothing"]) {
      const reply = await mlflow.post(path, {});
      expect(reply.status, path).toBe(404);
      expect(reply.body.error_code).toBe("ENDPOINT_NOT_FOUND");
    }
  });

  it("claims a version of 3.4 or later, so that clients send their spans", async () => {
    const version = await (await fetch(`${server.url}/version`)).text();
    expect(version).toMatch(/^3\.([4-9]|\d\d)\.\d+$/);
  });

  it("is served to browsers under /ajax-api and to one workspace under /w/<slug>", async () => {
    for (const prefix of ["/ajax-api/2.0", `/w/${workspace.slug}/api/2.0`]) {
      const client = mlflowClient(server, key, prefix);
      const reply = await client.get("/mlflow/experiments/get", { experiment_id: "0" });
      expect(reply.status, prefix).toBe(200);
    }
  });
});

it("answers every route with 4xx, never 5xx, whatever nonsense is sent", async () => {
  const nonsense = [
    {},
    { run_id: 5, experiment_id: {}, name: [], key: 1, value: {}, status: [], models: 3 },
    {
      run_id: "\u0000",
      run_uuid: "\u0000",
      experiment_id: "\u0000",
      name: "\u0000",
      key: "\u0000",
    },
    {
      run_id: "' or 1=1 --",
      experiment_id: "1; drop table runs",
      experiment_name: "\ud800",
      name: "\ud800",
      metric_key: "\u0000",
      key: "k",
      value: "v",
      timestamp: 1e300,
      page_token: "AAAA",
      filter: "((((",
      order_by: ["\u0000"],
      max_results: -5,
      experiment_ids: ["x", "0"],
      path: "..",
    },
    { run_id: "0".repeat(32), experiment_id: "999999999", max_results: 1e15, status: 99 },
  ];
  const mlflow = mlflowClient(server, key, "");
  for (const route of mlflowRoutes) {
    for (const method of route.methods) {
      for (const message of nonsense) {
        const path = (mlflowPaths(route)[0] ?? "").replaceAll(/:\w+/g, "m-x%00");
        const reply =
          method === "GET"
            ? await mlflow.get(
                path,
                Object.fromEntries(Object.entries(message).map(([k, v]) => [k, String(v)])),
              )
            : await mlflow.send(path, {
                method,
                headers: { "content-type": "application/json" },
                body: JSON.stringify(message),
              });
        const what = `${method} ${route.path} ${JSON.stringify(message)} ${JSON.stringify(reply.body)}`;
        expect(reply.status, what).toBeLessThan(500);
      }
    }
  }
});

describe("runs/search", () => {
  it("reads comparisons joined by AND over every kind of field", async () => {
    const own = await world.workspace();
    const client = mlflowClient(server, await own.key("admin"));
    for (const [name, auc, kind] of [
      ["alpha", 0.9, "gbt"],
      ["beta", 0.7, "it's"],
      ["gamma", 0.5, "AND"],
    ] as const) {
      const { body } = await client.post("/mlflow/runs/create", { run_name: name });
      const { run } = body as { run: { info: { run_id: string } } };
      await client.post("/mlflow/runs/log-batch", {
        run_id: run.info.run_id,
        metrics: [{ key: "val auc", value: auc, timestamp: 1 }],
        params: [{ key: "kind", value: kind }],
        tags: [{ key: "a.b", value: `${name}%` }],
      });
    }
    const names = async (filter: string, order_by: string[] = ["attributes.run_name ASC"]) => {
      const message = { experiment_ids: ["0"], filter, order_by };
      const { status, body } = await client.post("/mlflow/runs/search", message);
      if (status !== 200) return body.message;
      const runs = (body.runs ?? []) as { info: { run_name: string } }[];
      return runs.map((run) => run.info.run_name).join(",");
    };
    expect(await names("")).toBe("alpha,beta,gamma");
    expect(await names("metrics.`val auc` >= 0.7")).toBe("alpha,beta");
    expect(await names('metrics."val auc" < 0.9 AND params.kind != "x"')).toBe("beta,gamma");
    expect(await names("params.kind = 'AND'")).toBe("gamma");
    expect(await names("tags.`a.b` LIKE 'al%'")).toBe("alpha");
    expect(await names("tags.a.b ILIKE 'BE%' and metric.`val auc` != 3")).toBe("beta");
    expect(await names("attributes.status = 'RUNNING' and start_time > 0")).toBe(
      "alpha,beta,gamma",
    );
    expect(await names("run_name IN ('alpha', 'gamma')")).toBe("alpha,gamma");
    expect(await names("run_name NOT IN ('alpha', 'gamma')")).toBe("beta");
    expect(await names("params.missing != 'x'")).toBe("");
    expect(await names("", ["metrics.`val auc` ASC"])).toBe("gamma,beta,alpha");
    expect(await names("", ["params.kind DESC"])).toMatch(/^(beta|alpha)/);
    for (const bad of [
      "metrics.x > 'a'",
      "params.kind > 1",
      "params.kind = x",
      "nonsense = 'a'",
      "a = 'b' OR c = 'd'",
      "metrics.x",
      "=",
      "metrics.x > 1 metrics.y > 2",
      "params.kind = 'open",
    ]) {
      const { status, body } = await client.post("/mlflow/runs/search", {
        experiment_ids: ["0"],
        filter: bad,
      });
      expect([status, body.error_code], bad).toEqual([400, "INVALID_PARAMETER_VALUE"]);
    }
    expect(await names("", ["start_time", "start_time DESC"])).toMatch(/duplicate fields/);
    expect((await listRuns(own.as("viewer"), {})).items).toHaveLength(3);
  });
});
