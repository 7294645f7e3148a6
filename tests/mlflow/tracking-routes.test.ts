import { describe, expect, it } from "vitest";
import { invalid, mlflow, serveMlflow } from "./routes-suite";

serveMlflow();

const hex = expect.stringMatching(/^[0-9a-f]{32}$/);
const missing = (message: string | RegExp) => ({
  status: 404,
  body: {
    error_code: "RESOURCE_DOES_NOT_EXIST",
    message: typeof message === "string" ? message : expect.stringMatching(message),
  },
});

async function newRun(more: object = {}): Promise<string> {
  const { body } = await mlflow.post("/mlflow/runs/create", { experiment_id: "0", ...more });
  return (body as { run: { info: { run_id: string } } }).run.info.run_id;
}

describe("runs", () => {
  it("create answers the whole run, with both ids, an artifact URI and an inputs object", async () => {
    const { status, body } = await mlflow.post("/mlflow/runs/create", {
      experiment_id: "0",
      user_id: "ann",
      run_name: "first",
      start_time: "1700000000000",
      tags: [{ key: "mlflow.user", value: "ann" }],
    });
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        run: {
          info: {
            run_id: hex,
            run_uuid: hex,
            run_name: "first",
            experiment_id: "0",
            user_id: "ann",
            status: "RUNNING",
            start_time: 1_700_000_000_000,
            artifact_uri: expect.stringMatching(/^mlflow-artifacts:\/0\/[0-9a-f]{32}\/artifacts$/),
            lifecycle_stage: "active",
          },
          data: {
            tags: [
              { key: "mlflow.runName", value: "first" },
              { key: "mlflow.user", value: "ann" },
            ],
          },
          inputs: {},
        },
      },
    });
  });

  it("get takes the id under either name, as argument or in a body, and both together", async () => {
    const run_id = await newRun();
    const found = await mlflow.get("/mlflow/runs/get", { run_id });
    expect(found.status).toBe(200);
    expect(await mlflow.get("/mlflow/runs/get", { run_uuid: run_id })).toEqual(found);
    expect(await mlflow.get("/mlflow/runs/get", { run_id, run_uuid: run_id })).toEqual(found);
    expect(await mlflow.get("/mlflow/runs/get")).toEqual(
      invalid(/^Missing value for required parameter 'run_id'/),
    );
    for (const bad of ["0".repeat(32), "nonsense", "%00"]) {
      expect(await mlflow.get("/mlflow/runs/get", { run_id: bad })).toEqual(missing(/./));
    }
  });

  it("update answers the run's info; status by name or number", async () => {
    const run_id = await newRun();
    const ended = await mlflow.post("/mlflow/runs/update", {
      run_id,
      run_uuid: run_id,
      status: "FINISHED",
      end_time: 1_800_000_000_000,
    });
    expect(ended.body).toEqual({
      run_info: expect.objectContaining({
        run_id,
        run_uuid: run_id,
        status: "FINISHED",
        end_time: 1_800_000_000_000,
      }),
    });
    const failed = await mlflow.post("/mlflow/runs/update", { run_id, status: 4 });
    expect(failed.body.run_info).toMatchObject({ status: "FAILED" });
    expect(await mlflow.post("/mlflow/runs/update", { run_id, status: "DONE" })).toEqual(
      invalid(/^Invalid value "DONE" for parameter 'status' supplied/),
    );
  });

  it("two different names for one run are refused", async () => {
    const reply = await mlflow.post("/mlflow/runs/create", {
      experiment_id: "0",
      run_name: "a",
      tags: [{ key: "mlflow.runName", value: "b" }],
    });
    expect(reply).toEqual(invalid(/^Both 'run_name' argument and 'mlflow.runName' tag/));
  });

  it("log-parameter, set-tag and delete-tag write what get shows; long values are cut", async () => {
    const run_id = await newRun({ run_name: "r" });
    const empty = { status: 200, body: {} };
    const call = (verb: string, more: object) =>
      mlflow.post(`/mlflow/runs/${verb}`, { run_id, run_uuid: run_id, ...more });
    expect(await call("log-parameter", { key: "p", value: "x".repeat(6001) })).toEqual(empty);
    expect(await call("log-parameter", { key: "empty", value: "" })).toEqual(empty);
    expect(await call("set-tag", { key: "t", value: "y".repeat(8001) })).toEqual(empty);
    const { body } = await mlflow.get("/mlflow/runs/get", { run_id });
    expect(body).toMatchObject({
      run: {
        data: {
          params: [
            { key: "empty", value: "" },
            { key: "p", value: "x".repeat(6000) },
          ],
          tags: [
            { key: "mlflow.runName", value: "r" },
            { key: "t", value: "y".repeat(8000) },
          ],
        },
      },
    });
    expect(await call("delete-tag", { key: "t" })).toEqual(empty);
    expect(await call("delete-tag", { key: "t" })).toEqual(
      missing(`No tag with name: t in run with id ${run_id}`),
    );
    expect(await call("log-parameter", { key: "empty", value: "z" })).toEqual(
      invalid(
        `Changing param values is not allowed. Param with key='empty' was already logged with value='' for run ID='${run_id}'. Attempted logging new value 'z'.`,
      ),
    );
    expect(await call("set-tag", { key: "k".repeat(251), value: "v" })).toEqual(
      invalid(/exceeds the maximum length of 250/),
    );
    expect(await call("set-tag", { key: "k", value: "a\u0000b" })).toEqual(invalid(/NUL/));
  });

  it("delete and restore hide a run and bring it back", async () => {
    const run_id = await newRun();
    expect(await mlflow.post("/mlflow/runs/delete", { run_id })).toEqual({ status: 200, body: {} });
    expect(await mlflow.post("/mlflow/runs/set-tag", { run_id, key: "a", value: "b" })).toEqual(
      invalid(`The run ${run_id} must be in the 'active' state. Current state is deleted.`),
    );
    const { body } = await mlflow.get("/mlflow/runs/get", { run_id });
    expect(body).toMatchObject({ run: { info: { lifecycle_stage: "deleted" } } });
    expect(await mlflow.post("/mlflow/runs/restore", { run_id })).toEqual({
      status: 200,
      body: {},
    });
  });

  it("log-inputs keeps datasets with their tags", async () => {
    const run_id = await newRun();
    const input = {
      tags: [{ key: "mlflow.data.context", value: "train" }],
      dataset: { name: "iris", digest: "d", source_type: "local", source: "{}", profile: "{}" },
    };
    const reply = await mlflow.post("/mlflow/runs/log-inputs", { run_id, datasets: [input] });
    expect(reply).toEqual({ status: 200, body: {} });
    const { body } = await mlflow.get("/mlflow/runs/get", { run_id });
    expect(body).toMatchObject({ run: { inputs: { dataset_inputs: [input] } } });
    expect(
      await mlflow.post("/mlflow/runs/log-inputs", { run_id, datasets: [{ tags: [] }] }),
    ).toEqual(invalid(/^Missing value for required parameter 'datasets\[0\].dataset'/));
    expect(
      await mlflow.post("/mlflow/runs/log-inputs", { run_id, models: [{ model_id: "m-x" }] }),
    ).toEqual(missing(/./));
  });
});
