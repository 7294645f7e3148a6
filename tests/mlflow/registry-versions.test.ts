import { beforeEach, describe, expect, it } from "vitest";
import { asOwner } from "../support/database";
import { mlflowClient } from "./client";
import { mlflow, serveMlflow, server, time, workspace, world } from "./routes-suite";

serveMlflow();
beforeEach(async () => {
  await mlflow.post("/mlflow/registered-models/create", { name: "churn" });
});

const refusal = (status: number, error_code: string, message: string | RegExp) => ({
  status,
  body: {
    error_code,
    message: typeof message === "string" ? message : expect.stringMatching(message),
  },
});
const invalid = (message: string | RegExp) => refusal(400, "INVALID_PARAMETER_VALUE", message);
const ROOT = "/mlflow/model-versions";
type Version = Record<string, unknown>;
const create = (more: object = {}) =>
  mlflow.post(`${ROOT}/create`, { name: "churn", source: "s3://bucket/model", ...more });
const read = async (version: string): Promise<Version> => {
  const { body } = await mlflow.get(`${ROOT}/get`, { name: "churn", version });
  return body.model_version as Version;
};
async function newRun(): Promise<string> {
  const { body } = await mlflow.post("/mlflow/runs/create", { experiment_id: "0" });
  return (body as { run: { info: { run_id: string } } }).run.info.run_id;
}
const FILES = "/mlflow-artifacts/artifacts";

describe("model-versions/create", () => {
  it("answers a version that is ready at once, whatever scheme it points to", async () => {
    const made = await create({
      run_id: "a run elsewhere",
      run_link: "https://ci.example.com/7",
      description: "first",
      tags: [{ key: "k", value: "v" }],
    });
    const expected = {
      name: "churn",
      version: "1",
      creation_timestamp: time,
      last_updated_timestamp: time,
      user_id: "data_scientist key",
      current_stage: "None",
      description: "first",
      source: "s3://bucket/model",
      run_id: "a run elsewhere",
      status: "READY",
      tags: [{ key: "k", value: "v" }],
      run_link: "https://ci.example.com/7",
    };
    expect(made).toEqual({ status: 200, body: { model_version: expected } });
    expect(await read("1")).toEqual(expected);
    const uri = await mlflow.get(`${ROOT}/get-download-uri`, { name: "churn", version: "1" });
    expect(uri).toEqual({ status: 200, body: { artifact_uri: "s3://bucket/model" } });
    const { body } = await mlflow.get("/mlflow/registered-models/get", { name: "churn" });
    expect(body).toMatchObject({ registered_model: { latest_versions: [{ version: "1" }] } });
  });

  it("takes the run's files as they are: the same objects, pickles apart, no copy", async () => {
    const run = await newRun();
    const folder = `${FILES}/0/${run}/artifacts`;
    const mlmodel = [
      "flavors:",
      "  sklearn: {pickled_model: estimator.dat, sklearn_version: 1.5.0}",
      "  python_function: {loader_module: mlflow.sklearn, model_path: estimator.dat}",
      'signature: {inputs: \'[{"type": "double", "name": "age"}]\', outputs: null, params: null}',
    ].join("\n");
    for (const [path, content] of [
      ["model/MLmodel", mlmodel],
      ["model/estimator.dat", "not a real pickle"],
      ["model/code/torch.pt", "nor this"],
      ["model/conda.yaml", "name: env"],
      ["elsewhere.txt", "no part of it"],
    ] as const) {
      await mlflow.put(`${folder}/${path}`, content);
    }
    const before = await asOwner(
      world.db.ownerUrl,
      "select sha256 from artifact_objects where workspace_id = $1",
      [workspace.id],
    );
    await mlflow.post("/mlflow/runs/log-batch", {
      run_id: run,
      metrics: [
        { key: "accuracy", value: 0.75, timestamp: 1 },
        { key: "test_accuracy", value: 0.5, timestamp: 1 },
        { key: "loss", value: "NaN", timestamp: 1 },
      ],
    });
    const source = `mlflow-artifacts:/0/${run}/artifacts/model`;
    const made = await create({ source, run_id: run });
    expect(made.body).toMatchObject({ model_version: { version: "1", source, run_id: run } });
    const reply = await fetch(`${server.url}/api/v1/models/churn/versions/1/artifacts`, {
      headers: { authorization: `Bearer ${await workspace.key("viewer")}` },
    });
    const { items } = (await reply.json()) as { items: { path: string; kind: string }[] };
    expect(items.map(({ path, kind }) => [path, kind])).toEqual([
      ["MLmodel", "mlflow-model"],
      ["code/torch.pt", "quarantined"],
      ["conda.yaml", "mlflow-model"],
      ["estimator.dat", "quarantined"],
    ]);
    const after = await asOwner(
      world.db.ownerUrl,
      "select sha256 from artifact_objects where workspace_id = $1",
      [workspace.id],
    );
    expect(after).toHaveLength(before.length);
    const version = await fetch(`${server.url}/api/v1/models/churn/versions/1`, {
      headers: { authorization: `Bearer ${await workspace.key("viewer")}` },
    });
    expect(await version.json()).toMatchObject({
      algorithm: "sklearn",
      signature: null,
      metrics: { validation: { accuracy: 0.75, loss: null }, test: { accuracy: 0.5 } },
      source,
      environment: {
        mlflow: {
          flavors: ["sklearn", "python_function"],
          signature: { inputs: [{ type: "double", name: "age" }] },
        },
      },
    });
  });

  it("serves its files from where the version is, also after the run is gone", async () => {
    const run = await newRun();
    await mlflow.put(`${FILES}/0/${run}/artifacts/model/MLmodel`, "flavors: {}");
    await mlflow.put(`${FILES}/0/${run}/artifacts/model/data/weights.txt`, "w");
    await create({ source: `runs:/${run}/model`, run_id: run });
    await mlflow.post("/mlflow/runs/delete", { run_id: run });
    const { body } = await mlflow.get(`${ROOT}/get-download-uri`, { name: "churn", version: "1" });
    const at = String(body.artifact_uri).replace("mlflow-artifacts:/", "");
    expect(at).toMatch(/^versions\/[0-9a-f]{32}\/artifacts$/);
    expect((await mlflow.get(FILES, { path: at })).body).toEqual({
      files: [
        { path: "MLmodel", is_dir: false, file_size: 11 },
        { path: "data", is_dir: true },
      ],
    });
    expect((await mlflow.get(`${FILES}/${at}/data/weights.txt`)).body).toEqual({ text: "w" });
    expect((await mlflow.get(`${FILES}/${at}/data`)).status).toBe(404);
    expect((await mlflow.put(`${FILES}/${at}/data/weights.txt`, "x")).status).toBe(404);
    expect((await mlflow.delete(`${FILES}/${at}/data/weights.txt`)).status).toBe(404);
    expect((await mlflow.get(`${FILES}/${at}/..%2f..%2fMLmodel`)).status).toBe(400);
    const other = mlflowClient(server, await (await world.workspace()).key("admin"));
    expect((await other.get(`${FILES}/${at}/MLmodel`)).status).toBe(404);
    expect((await other.get(FILES, { path: at })).status).toBe(404);
  });

  it("registers a logged model and notes the version on it", async () => {
    const run = await newRun();
    const logged = await mlflow.post("/mlflow/logged-models", {
      experiment_id: "0",
      name: "clf",
      source_run_id: run,
    });
    const { model_id } = (logged.body as { model: { info: { model_id: string } } }).model.info;
    await mlflow.put(`${FILES}/0/models/${model_id}/artifacts/MLmodel`, "flavors: {onnx: {}}");
    const made = await create({ source: `models:/${model_id}`, model_id });
    expect(made.body).toMatchObject({ model_version: { version: "1", model_id, run_id: run } });
    const byPath = await create({ source: `runs:/${run}/clf`, run_id: run });
    expect(byPath.body).toMatchObject({ model_version: { version: "2", model_id } });
    const { body } = await mlflow.get(`/mlflow/logged-models/${model_id}`);
    expect(body).toMatchObject({
      model: {
        info: {
          tags: [
            {
              key: "mlflow.modelVersions",
              value: '[{"name":"churn","version":1},{"name":"churn","version":2}]',
            },
          ],
        },
      },
    });
  });

  it.each([
    "/etc/passwd",
    "relative/path",
    "file:///etc/passwd",
    "file:/etc",
    "C:\\models",
    "mlflow-artifacts:/../../etc",
    "mlflow-artifacts://host:9000/../../etc",
    "mlflow-artifacts://host/..%2f..%2f..%2f",
    "mlflow-artifacts://host/%252e%252e%252fetc",
    "http://host/api/2.0/mlflow-artifacts/artifacts/../../../",
    "http://host/api/2.0/mlflow-artifacts/artifacts%00",
    "s3:/bucket/models/./path",
    "https://host",
    "ftp:relative",
  ])("refuses the source %s", async (source) => {
    expect(await create({ source })).toEqual(invalid(/^Invalid model version source: /));
  });

  it.each([
    "s3://bucket/a//b",
    "dbfs:/models/1",
    "mlflow-artifacts:/models",
    "mlflow-artifacts://host:9000/models",
    "https://host/a%20b?version=1",
    "runs:/run_id/model",
    "gs://bucket/trailing/",
  ])("takes the source %s as a pointer", async (source) => {
    expect((await create({ source })).body).toMatchObject({ model_version: { source } });
  });

  it("refuses what is not there, in this workspace", async () => {
    const run = await newRun();
    const other = await world.workspace();
    const theirs = mlflowClient(server, await other.key("admin"));
    await theirs.post("/mlflow/registered-models/create", { name: "churn" });
    const source = `runs:/${run}/model`;
    const gone = refusal(404, "RESOURCE_DOES_NOT_EXIST", /run of the source/);
    expect(await theirs.post(`${ROOT}/create`, { name: "churn", source })).toEqual(gone);
    expect(await create({ source: `runs:/${"0".repeat(32)}/model` })).toEqual(gone);
    expect((await create({ source: `models:/m-${"0".repeat(32)}` })).status).toBe(404);
    expect((await create({ source: "models:/churn/7" })).status).toBe(404);
    expect((await create({ name: "nobody" })).body).toEqual({
      error_code: "RESOURCE_DOES_NOT_EXIST",
      message: "Registered Model with name=nobody not found",
    });
    expect(await create({ source: "" })).toEqual(invalid(/^Missing value .* 'source'/));
  });

  it("refuses a run that the source is not of", async () => {
    const [run, another] = [await newRun(), await newRun()];
    const refused = invalid(/run_id request parameter must identify the resource/);
    for (const source of [`runs:/${run}/model`, `mlflow-artifacts:/0/${run}/artifacts/model`]) {
      expect(await create({ source, run_id: another })).toEqual(refused);
      expect((await create({ source, run_id: run })).status).toBe(200);
      expect((await create({ source })).status).toBe(200);
    }
  });

  it("numbers versions without gaps when many come at once", async () => {
    const made = await Promise.all(Array.from({ length: 12 }, () => create()));
    const numbers = made.map(({ body }) => Number((body.model_version as Version).version));
    expect(numbers.sort((x, y) => x - y)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
  });

  it("copies a version: same files, same place", async () => {
    await create({ source: "s3://bucket/a" });
    const copy = await create({ source: "models:/churn/1" });
    expect(copy.body).toMatchObject({ model_version: { version: "2", source: "models:/churn/1" } });
    const uri = await mlflow.get(`${ROOT}/get-download-uri`, { name: "churn", version: "2" });
    expect(uri.body).toEqual({ artifact_uri: "s3://bucket/a" });
  });
});
