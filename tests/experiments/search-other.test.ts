import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createExperiment, createRun, searchExperiments } from "@/server/experiments";
import { type MlflowClient, mlflowClient } from "../mlflow/client";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

let world: TestWorld;
let a: TestWorkspace;
let server: TestServer;
let mlflow: MlflowClient;
beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world);
  a = await world.workspace();
  mlflow = mlflowClient(server, await a.key("data_scientist"));
});
afterAll(async () => {
  await server.close();
  await world.close();
});

describe("searchExperiments", () => {
  const names = async (input: Parameters<typeof searchExperiments>[1]) =>
    (await searchExperiments(a.as("viewer"), input)).items.map((one) => one.name);

  beforeAll(async () => {
    for (const [name, team] of [
      ["b", "x"],
      ["B", "y"],
      ["a", undefined],
    ] as const) {
      const tags = team ? [{ key: "team", value: team }] : [];
      await createExperiment(a.as("data_scientist"), { name, tags });
    }
  });

  it("filters by name, tags, number and time, and sorts by any of them", async () => {
    expect(await names({})).toEqual(
      await names({ orderBy: ["creation_time DESC", "experiment_id"] }),
    );
    expect(await names({ filter: "name ILIKE 'b'", orderBy: ["experiment_id"] })).toEqual([
      "b",
      "B",
    ]);
    expect(await names({ filter: "attribute.name LIKE 'b'" })).toEqual(["b"]);
    expect(await names({ filter: "tags.team != 'x'" })).toEqual(["B"]);
    expect(await names({ filter: "tags.team IS NULL AND NOT name = 'Default'" })).toEqual(["a"]);
    expect(await names({ filter: "experiment_id IN ('0', '3')", orderBy: ["name DESC"] })).toEqual([
      "a",
      "Default",
    ]);
    expect(await names({ filter: "creation_time > 99999999999999" })).toEqual([]);
    await expect(names({ filter: "metrics.a > 1" })).rejects.toMatchObject({
      code: "validation_failed",
    });
  });

  it("pages through every sort without a gap", async () => {
    for (const orderBy of [
      [],
      ["name"],
      ["last_update_time DESC", "name"],
      ["experiment_id DESC"],
    ]) {
      const paged: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await searchExperiments(a.as("viewer"), { orderBy, limit: 1, cursor });
        paged.push(...page.items.map((one) => one.name));
        cursor = page.nextCursor ?? undefined;
      } while (cursor);
      expect(paged).toEqual(await names({ orderBy }));
      expect(paged).toHaveLength(4);
    }
  });

  it("answers MLflow's route with the filter's own words for what is wrong", async () => {
    const found = await mlflow.post("/mlflow/experiments/search", {
      filter: "name = 'a'",
      order_by: ["name"],
    });
    expect(found.body.experiments).toMatchObject([{ name: "a" }]);
    const bad = await mlflow.get("/mlflow/experiments/search", { filter: "foo = 'a'" });
    expect(bad).toMatchObject({
      status: 400,
      body: {
        error_code: "INVALID_PARAMETER_VALUE",
        message: expect.stringMatching(/^Invalid attribute key 'foo' specified\./),
      },
    });
  });
});

describe("searchLoggedModels over MLflow's route", () => {
  const search = async (body: object): Promise<string[]> => {
    const reply = await mlflow.post("/mlflow/logged-models/search", {
      experiment_ids: ["0"],
      ...body,
    });
    expect(reply.status).toBe(200);
    return ((reply.body.models ?? []) as { info: { name: string } }[]).map(
      (model) => model.info.name,
    );
  };

  beforeAll(async () => {
    const { id: runId } = await createRun(a.as("data_scientist"), {});
    for (const [name, accuracy, depth] of [
      ["m1", 0.8, "3"],
      ["m2", 0.9, "5"],
      ["m3", null, "5"],
    ] as const) {
      const made = await mlflow.post("/mlflow/logged-models", {
        experiment_id: "0",
        name,
        params: [{ key: "depth", value: depth }],
        tags: [{ key: "a b", value: name }],
      });
      const { model_id } = (made.body.model as { info: { model_id: string } }).info;
      if (accuracy === null) continue;
      for (const [dataset_name, value] of [
        ["train", accuracy],
        ["test", 1 - accuracy],
      ] as const) {
        const logged = await mlflow.post("/mlflow/runs/log-metric", {
          run_id: runId.replaceAll("-", ""),
          key: "accuracy",
          value,
          timestamp: 1,
          step: 0,
          model_id,
          dataset_name,
          dataset_digest: "d1",
        });
        expect(logged.status).toBe(200);
      }
    }
  });

  it("filters by attributes, parameters, tags and metrics, those of a dataset when asked", async () => {
    expect(await search({})).toEqual(["m3", "m2", "m1"]);
    expect(await search({ filter: "metrics.accuracy > 0.85" })).toEqual(["m2"]);
    expect(
      await search({ filter: "metrics.accuracy > 0.15", datasets: [{ dataset_name: "test" }] }),
    ).toEqual(["m1"]);
    expect(await search({ datasets: [{ dataset_name: "test", dataset_digest: "d1" }] })).toEqual([
      "m2",
      "m1",
    ]);
    expect(await search({ datasets: [{ dataset_name: "test", dataset_digest: "d2" }] })).toEqual(
      [],
    );
    expect(await search({ filter: "params.depth = '5' OR tags.`a b` = 'm1'" })).toEqual([
      "m3",
      "m2",
      "m1",
    ]);
    expect(await search({ filter: "name IN ('m1','m3') AND NOT params.depth = '3'" })).toEqual([
      "m3",
    ]);
    expect(await search({ filter: "min(metrics.accuracy) < 0.15" })).toEqual(["m2"]);
    expect(await search({ filter: "status = 'READY'" })).toEqual([]);
  });

  it("sorts by a metric on a dataset, models without it last, and pages", async () => {
    const by = (dataset_name: string, ascending: boolean) => ({
      order_by: [{ field_name: "metrics.accuracy", ascending, dataset_name }],
    });
    expect(await search(by("train", true))).toEqual(["m1", "m2", "m3"]);
    expect(await search(by("train", false))).toEqual(["m2", "m1", "m3"]);
    expect(await search(by("test", true))).toEqual(["m2", "m1", "m3"]);
    expect(await search({ order_by: [{ field_name: "name" }] })).toEqual(["m1", "m2", "m3"]);
    const first = await mlflow.post("/mlflow/logged-models/search", {
      experiment_ids: ["0"],
      ...by("train", false),
      max_results: 2,
    });
    expect(await search({ ...by("train", false), page_token: first.body.next_page_token })).toEqual(
      ["m3"],
    );
    for (const field_name of ["params.depth", "wrong"]) {
      const bad = await mlflow.post("/mlflow/logged-models/search", {
        experiment_ids: ["0"],
        order_by: [{ field_name }],
      });
      expect(bad.body.message).toMatch(new RegExp(`^Invalid order by field name: ${field_name}`));
    }
  });
});

describe("REST", () => {
  const call = async (method: string, path: string, body?: object) => {
    const key = await a.key("viewer");
    const reply = await fetch(`${server.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
  };

  it("searches, groups, compares and lists columns for whoever may read", async () => {
    const { id } = await createRun(a.as("data_scientist"), { experimentName: "rest", name: "one" });
    const scope = { experimentIds: ["rest"] };
    const found = await call("POST", "/runs/search", { ...scope, filter: "run_name = 'one'" });
    expect(found).toMatchObject({
      status: 200,
      body: { items: [{ id, name: "one" }], total: null },
    });
    const groupBy = [{ kind: "attribute", key: "status" }];
    const groups = await call("POST", "/runs/group", { ...scope, groupBy });
    expect(groups.body).toEqual({
      groups: [{ values: ["RUNNING"], runs: 1, metrics: [] }],
      isComplete: true,
    });
    const compared = await call("POST", "/runs/compare", { runIds: [id] });
    expect(compared).toMatchObject({ status: 200, body: { runs: [{ id }], params: [] } });
    expect(await call("GET", "/experiments/rest/columns")).toMatchObject({
      status: 200,
      body: { runs: 1, isExact: true, tags: [{ key: "mlflow.runName", runs: 1 }] },
    });
  });

  it("answers a filter that cannot be read with 422 and what is wrong", async () => {
    expect(await call("POST", "/runs/search", { filter: "params.a ~ 'x'" })).toMatchObject({
      status: 422,
      body: { code: "validation_failed", issues: [{ path: "filter" }] },
    });
    expect((await call("POST", "/runs/compare", { runIds: [] })).status).toBe(422);
    expect((await call("GET", "/experiments/nowhere/columns")).status).toBe(404);
  });
});
