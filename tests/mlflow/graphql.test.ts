import { beforeEach, describe, expect, it } from "vitest";
import { type MlflowClient, mlflowClient } from "./client";
import { invalid, mlflow, serveMlflow, server, workspace, world } from "./routes-suite";

serveMlflow();

let bare: MlflowClient;
beforeEach(async () => {
  bare = mlflowClient(server, await workspace.key("data_scientist"), "");
});

const ask = async (query: string, more: object = {}) => {
  const { status, body } = await bare.post("/graphql", { query, ...more });
  expect(status).toBe(200);
  return body as { data: Record<string, unknown> | null; errors: string[] | null };
};
const newRun = async (more: object = {}) => {
  const { body } = await mlflow.post("/mlflow/runs/create", { experiment_id: "0", ...more });
  return (body.run as { info: { run_id: string } }).info.run_id;
};

describe("GraphQL", () => {
  it("reads an experiment, a run with its experiment and versions, under aliases and variables", async () => {
    const run = await newRun({ run_name: "one", start_time: 1_700_000_000_123 });
    await mlflow.post("/mlflow/registered-models/create", { name: "net" });
    await mlflow.post("/mlflow/model-versions/create", {
      name: "net",
      source: `runs:/${run}/model`,
      run_id: run,
    });
    const found = await ask(
      `query Both($run: String!, $id: String = "0") @component(name: "Test") {
        # A remark, and fields beside each other.
        first: mlflowGetExperiment(input: {experimentId: $id}) { experiment { name tags { key } } }
        mlflowGetRun(input: {runId: $run}) {
          __typename
          run {
            info { ...Info }
            data { metrics { key } }
            experiment { experimentId name }
            modelVersions { name version status }
          }
        }
      }
      fragment Info on MlflowRunInfo { runName status startTime endTime lifecycleStage }`,
      { variables: { run }, operationName: "Both" },
    );
    expect(found).toEqual({
      data: {
        first: { experiment: { name: "Default", tags: [] } },
        mlflowGetRun: {
          __typename: "MlflowGetRunResponse",
          run: {
            info: {
              runName: "one",
              status: "RUNNING",
              startTime: "1700000000123",
              endTime: "0",
              lifecycleStage: "active",
            },
            data: { metrics: [] },
            experiment: { experimentId: "0", name: "Default" },
            modelVersions: [{ name: "net", version: "1", status: "READY" }],
          },
        },
      },
      errors: null,
    });
  });

  it("finds runs, files, data sets and points", async () => {
    const run = await newRun();
    await mlflow.post("/mlflow/runs/log-batch", {
      run_id: run,
      metrics: [
        { key: "loss", value: 1.5, timestamp: 7, step: 0 },
        { key: "loss", value: "NaN", timestamp: 8, step: 1 },
      ],
    });
    await mlflow.put(`/mlflow-artifacts/artifacts/0/${run}/artifacts/dir/a.txt`, "hello");
    await mlflow.post("/mlflow/runs/log-inputs", {
      run_id: run,
      datasets: [{ dataset: { name: "d", digest: "1", source_type: "local", source: "x" } }],
    });
    const { data, errors } = await ask(`mutation {
      mlflowSearchRuns(input: {experimentIds: ["0"], maxResults: 5, runViewType: ALL}) {
        runs { info { runId } data { metrics { key value step } } }
      }
      mlflowListArtifacts(input: {runId: "${run}"}) { files { path isDir fileSize } }
      below: mlflowListArtifacts(input: {runId: "${run}", path: "dir"}) { files { path fileSize } }
      mlflowSearchDatasets(input: {experimentIds: ["0"]}) { datasetSummaries { name context } }
      mlflowGetMetricHistoryBulkInterval(input: {runIds: ["${run}"], metricKey: "loss"}) {
        metrics { key value timestamp runId }
      }
    }`);
    expect(errors).toBeNull();
    expect(data).toEqual({
      mlflowSearchRuns: {
        runs: [
          { info: { runId: run }, data: { metrics: [{ key: "loss", value: null, step: "1" }] } },
        ],
      },
      mlflowListArtifacts: { files: [{ path: "dir", isDir: true, fileSize: "0" }] },
      below: { files: [{ path: "dir/a.txt", fileSize: "5" }] },
      mlflowSearchDatasets: { datasetSummaries: [{ name: "d", context: "" }] },
      mlflowGetMetricHistoryBulkInterval: {
        metrics: [
          { key: "loss", value: 1.5, timestamp: "7", runId: run },
          { key: "loss", value: null, timestamp: "8", runId: run },
        ],
      },
    });
  });

  it("answers the rest where one field fails, and nothing of another workspace", async () => {
    const run = await newRun();
    const query = `{ mlflowGetRun(input: {runId: "${run}"}) { run { info { runId } } } test(inputString: "a\\u00fc") { output } }`;
    expect((await ask(query)).errors).toBeNull();
    bare = mlflowClient(server, await (await world.workspace()).key("admin"), "");
    expect(await ask(query)).toEqual({
      data: { mlflowGetRun: null, test: { output: "aü" } },
      errors: [`Run with id=${run} not found`],
    });
  });

  it("says what cannot be asked, by the name of the field", async () => {
    const cases = {
      "{ constructor { a } }": "Cannot query field 'constructor' on type 'Query'.",
      "{ nothing { a } }": "Cannot query field 'nothing' on type 'Query'.",
      '{ mlflowGetExperiment(input: {experimentId: "0"}) { experiment { secret } } }':
        "Cannot query field 'secret' on type 'MlflowExperiment'.",
      [`{ ${Array.from({ length: 11 }, (_, at) => `a${at}: test(inputString: "x") { output }`)} }`]:
        "A query may begin with 10 fields at most.",
    };
    for (const [query, message] of Object.entries(cases)) {
      expect(await ask(query)).toEqual({ data: null, errors: [message] });
    }
  });

  it("refuses what is no query with 400", async () => {
    const loop = "{ ...a } fragment a on Query { ...a }";
    for (const query of [
      "{",
      "}",
      "{ a(",
      '{ a(b: "x) }',
      "subscription { a }",
      "é",
      loop,
      "{}}",
    ]) {
      expect((await bare.post("/graphql", { query })).status, query).toBe(400);
    }
    expect(await bare.post("/graphql", {})).toEqual(invalid(/'query'/));
    expect((await bare.post("/graphql", { query: "{".repeat(100_000) })).status).toBe(400);
    expect(
      (await bare.get("/graphql", { query: '{ test(inputString: "x") { output } }' })).body,
    ).toEqual({
      data: { test: { output: "x" } },
      errors: null,
    });
  });
});
