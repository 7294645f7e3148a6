import { describe, expect, it } from "vitest";
import { invalid, mlflow, serveMlflow, time } from "./routes-suite";

serveMlflow();

async function newRun(more: object = {}): Promise<string> {
  const { body } = await mlflow.post("/mlflow/runs/create", { experiment_id: "0", ...more });
  return (body as { run: { info: { run_id: string } } }).run.info.run_id;
}

describe("logged models", () => {
  it("create, get, finalize, tag, search and delete speak MLflow's ids", async () => {
    const source_run_id = await newRun();
    const made = await mlflow.post("/mlflow/logged-models", {
      experiment_id: "0",
      name: "clf",
      model_type: "sklearn",
      source_run_id,
      params: [{ key: "depth", value: "3" }],
    });
    const { model } = made.body as { model: { info: { model_id: string } } };
    const { model_id } = model.info;
    expect(made).toEqual({
      status: 200,
      body: {
        model: {
          info: {
            model_id: expect.stringMatching(/^m-[0-9a-f]{32}$/),
            experiment_id: "0",
            name: "clf",
            creation_timestamp_ms: time,
            last_updated_timestamp_ms: time,
            artifact_uri: `mlflow-artifacts:/0/models/${model_id}/artifacts`,
            status: "LOGGED_MODEL_PENDING",
            model_type: "sklearn",
            source_run_id,
          },
          data: { params: [{ key: "depth", value: "3" }] },
        },
      },
    });
    const path = `/mlflow/logged-models/${model_id}`;
    const ready = await mlflow.patch(path, { model_id, status: "LOGGED_MODEL_READY" });
    expect(ready.body).toMatchObject({ model: { info: { status: "LOGGED_MODEL_READY" } } });
    await mlflow.patch(`${path}/tags`, { tags: [{ key: "k", value: "v" }] });
    expect(await mlflow.delete(`${path}/tags/k`)).toEqual({ status: 200, body: {} });
    expect(await mlflow.post(`${path}/params`, { params: [{ key: "b", value: "1" }] })).toEqual({
      status: 200,
      body: {},
    });
    const found = await mlflow.post("/mlflow/logged-models/search", {
      experiment_ids: ["0"],
      filter: "name = 'clf'",
    });
    expect(found.body.models).toHaveLength(1);
    const outputs = { run_id: source_run_id, models: [{ model_id, step: 2 }] };
    expect(await mlflow.post("/mlflow/runs/outputs", outputs)).toEqual({ status: 200, body: {} });
    const { body } = await mlflow.get("/mlflow/runs/get", { run_id: source_run_id });
    expect(body).toMatchObject({ run: { outputs: { model_outputs: [{ model_id, step: 2 }] } } });
    expect(await mlflow.get(`${path}/artifacts/directories`)).toEqual({
      status: 200,
      body: { root_uri: `mlflow-artifacts:/0/models/${model_id}/artifacts` },
    });
    expect(await mlflow.patch(path, { status: "NONSENSE" })).toEqual(invalid(/^Invalid value/));
    expect((await mlflow.delete(path)).status).toBe(200);
    expect((await mlflow.get(path)).body.error_code).toBe("RESOURCE_DOES_NOT_EXIST");
  });
});
