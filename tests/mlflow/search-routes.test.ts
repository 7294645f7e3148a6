import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorld } from "../support/workspace";
import { type MlflowClient, mlflowClient } from "./client";

let world: TestWorld;
let server: TestServer;
let mlflow: MlflowClient;
const ids: string[] = [];
beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world);
  const workspace = await world.workspace();
  mlflow = mlflowClient(server, await workspace.key("data_scientist"));
  for (const [name, start_time, auc] of [
    ["r1", 1, 0.9],
    ["r2", 2, 0.5],
    ["r3", 3, "NaN"],
    ["r4", 4, null],
  ] as const) {
    const made = await mlflow.post("/mlflow/runs/create", {
      experiment_id: "0",
      run_name: name,
      start_time,
    });
    const { run_id } = (made.body.run as { info: { run_id: string } }).info;
    ids.push(run_id);
    if (auc !== null) {
      await mlflow.post("/mlflow/runs/log-metric", {
        run_id,
        key: "auc",
        value: auc,
        timestamp: 1,
      });
    }
  }
  await mlflow.post("/mlflow/runs/log-inputs", {
    run_id: ids[0],
    datasets: [
      {
        tags: [{ key: "mlflow.data.context", value: "train" }],
        dataset: { name: "iris", digest: "d1", source_type: "local", source: "{}", profile: "{}" },
      },
    ],
  });
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const post = (body: object) =>
  mlflow.post("/mlflow/runs/search", { experiment_ids: ["0"], ...body });
async function search(body: object): Promise<string[]> {
  const reply = await post(body);
  expect(reply.status).toBe(200);
  return ((reply.body.runs ?? []) as { info: { run_name: string } }[]).map(
    (run) => run.info.run_name,
  );
}

describe("runs/search", () => {
  it("sorts the newest first; by a metric with NaN after values and nothing last, both ways", async () => {
    expect(await search({})).toEqual(["r4", "r3", "r2", "r1"]);
    expect(await search({ order_by: ["metrics.auc ASC"] })).toEqual(["r2", "r1", "r3", "r4"]);
    expect(await search({ order_by: ["metrics.auc DESC"] })).toEqual(["r1", "r2", "r3", "r4"]);
    expect(await search({ order_by: ["attribute.Created"] })).toEqual(["r1", "r2", "r3", "r4"]);
  });

  it("filters as the stock server does, by datasets too, and beyond it", async () => {
    expect(await search({ filter: "metrics.auc != 0.5" })).toEqual(["r3", "r1"]);
    expect(
      await search({ filter: "dataset.name = 'iris' AND dataset.context IN ('train')" }),
    ).toEqual(["r1"]);
    expect(await search({ filter: "dataset.digest LIKE 'x%'" })).toEqual([]);
    expect(await search({ filter: `run_id IN ('${ids[1]}', '${ids[2]?.toUpperCase()}')` })).toEqual(
      ["r2"],
    );
    expect(await search({ filter: `artifact_uri LIKE '%${ids[0]}/artifacts'` })).toEqual(["r1"]);
    expect(await search({ filter: "attributes.`Run name` = 'r2' OR NOT metrics.auc < 2" })).toEqual(
      ["r4", "r3", "r2"],
    );
    expect(await search({ filter: "attributes.end_time > 0" })).toEqual([]);
  });

  it("pages by tokens to the end, where none is left", async () => {
    const body = { order_by: ["metrics.auc DESC"], max_results: 3 };
    const first = await post(body);
    const second = await post({ ...body, page_token: first.body.next_page_token });
    expect(second.body).toEqual({
      runs: [expect.objectContaining({ info: expect.objectContaining({ run_name: "r4" }) })],
    });
  });

  it("shows what runs read, as runs/get does", async () => {
    const { body } = await post({ filter: "dataset.name = 'iris'" });
    const { body: got } = await mlflow.get("/mlflow/runs/get", { run_id: ids[0] ?? "" });
    expect((body.runs as object[])[0]).toEqual(got.run);
    expect(got.run).toMatchObject({
      inputs: { dataset_inputs: [{ dataset: { name: "iris", profile: "{}" } }] },
    });
  });

  it.each([
    [{ filter: "metrics.auc > 'x'" }, "Expected numeric value type for metric. Found 'x'"],
    [
      { filter: "params.a = 5" },
      "Expected a quoted string value for parameter (e.g. 'my-value'). Got value 5",
    ],
    [
      { order_by: ["metrics.auc", "metrics.auc DESC"] },
      "`order_by` contains duplicate fields: ['metrics.auc', 'metrics.auc DESC']",
    ],
    [
      { max_results: 0 },
      "Invalid value 0 for parameter 'max_results' supplied. It must be a positive integer.",
    ],
    [
      { max_results: 50_001 },
      "Invalid value 50001 for parameter 'max_results' supplied. It must be at most 50000.",
    ],
  ])("refuses %j in the stock server's words", async (body, message) => {
    expect(await post(body)).toEqual({
      status: 400,
      body: { error_code: "INVALID_PARAMETER_VALUE", message },
    });
  });

  it("refuses a token that is none", async () => {
    expect(await post({ page_token: "x" })).toMatchObject({
      status: 400,
      body: { error_code: "INVALID_PARAMETER_VALUE" },
    });
  });
});
