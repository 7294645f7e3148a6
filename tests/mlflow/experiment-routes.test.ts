import { describe, expect, it } from "vitest";
import { invalid, mlflow, serveMlflow, time } from "./routes-suite";

serveMlflow();

const missing = (message: string | RegExp) => ({
  status: 404,
  body: {
    error_code: "RESOURCE_DOES_NOT_EXIST",
    message: typeof message === "string" ? message : expect.stringMatching(message),
  },
});

describe("experiments", () => {
  it("a place for files elsewhere is refused, before anything is made", async () => {
    for (const artifact_location of [
      "s3://bucket/x",
      "file:///etc",
      "mlflow-artifacts:/../x",
      "x",
    ]) {
      const reply = await mlflow.post("/mlflow/experiments/create", {
        name: "elsewhere",
        artifact_location,
      });
      expect(reply.body.error_code, artifact_location).toBe("INVALID_PARAMETER_VALUE");
    }
    const found = await mlflow.get("/mlflow/experiments/get-by-name", {
      experiment_name: "elsewhere",
    });
    expect(found.status).toBe(404);
  });

  it("create answers the number as text; get, get-by-name and search show it", async () => {
    const made = await mlflow.post("/mlflow/experiments/create", {
      name: "churn",
      artifact_location: "mlflow-artifacts:/somewhere",
      tags: [{ key: "team", value: "risk" }],
      unknown_field: 1,
    });
    expect(made).toEqual({ status: 200, body: { experiment_id: "1" } });
    const experiment = {
      experiment_id: "1",
      name: "churn",
      artifact_location: "mlflow-artifacts:/1",
      lifecycle_stage: "active",
      last_update_time: time,
      creation_time: time,
      tags: [{ key: "team", value: "risk" }],
    };
    const found = { status: 200, body: { experiment } };
    expect(await mlflow.get("/mlflow/experiments/get", { experiment_id: "1" })).toEqual(found);
    expect(
      await mlflow.get("/mlflow/experiments/get-by-name", { experiment_name: "churn" }),
    ).toEqual(found);
    const { body } = await mlflow.post("/mlflow/experiments/search", { max_results: 10 });
    expect(body.experiments).toEqual([experiment, expect.objectContaining({ name: "Default" })]);
    const paged = await mlflow.get("/mlflow/experiments/search", { max_results: "1" });
    expect(paged.body).toEqual({ experiments: [experiment], next_page_token: expect.any(String) });
  });

  it("create refuses what stock MLflow refuses, in its words", async () => {
    const path = "/mlflow/experiments/create";
    expect(await mlflow.post(path, {})).toEqual(
      invalid(
        "Missing value for required parameter 'name'. See the API docs for more information about request parameters.",
      ),
    );
    expect(await mlflow.post(path, { name: "" })).toEqual(invalid(/^Missing value for required/));
    expect(await mlflow.post(path, { name: 12 })).toEqual(
      invalid(
        "Invalid value 12 for parameter 'name' supplied:  Hint: Value was of type 'int'. See the API docs for more information about request parameters.",
      ),
    );
    expect(await mlflow.post(path, { name: "Default" })).toEqual({
      status: 400,
      body: {
        error_code: "RESOURCE_ALREADY_EXISTS",
        message: "Experiment(name=Default) already exists.",
      },
    });
  });

  it("a missing one is RESOURCE_DOES_NOT_EXIST, an id that is no number INVALID_PARAMETER_VALUE", async () => {
    expect(
      await mlflow.get("/mlflow/experiments/get-by-name", { experiment_name: "none" }),
    ).toEqual(missing(/does not exist/));
    expect(await mlflow.get("/mlflow/experiments/get", { experiment_id: "99" })).toEqual(
      missing("No Experiment with id=99 exists"),
    );
    for (const experiment_id of ["abc", "-1", "99999999999", "0x1"]) {
      expect(await mlflow.get("/mlflow/experiments/get", { experiment_id })).toEqual(
        invalid(/must be a valid integer/),
      );
    }
  });

  it("update, delete, restore and tags answer empty objects", async () => {
    await mlflow.post("/mlflow/experiments/create", { name: "churn" });
    const empty = { status: 200, body: {} };
    const experiment_id = 1;
    const call = (verb: string, more: object = {}) =>
      mlflow.post(`/mlflow/experiments/${verb}`, { experiment_id, ...more });
    expect(await call("update", { new_name: "churn 2" })).toEqual(empty);
    expect(await call("set-experiment-tag", { key: "k", value: "v" })).toEqual(empty);
    expect(await call("delete-experiment-tag", { key: "k" })).toEqual(empty);
    expect(await call("delete-experiment-tag", { key: "k" })).toEqual(
      missing("No tag with name: k in experiment with id 1"),
    );
    expect(await call("delete")).toEqual(empty);
    for (const refused of [
      mlflow.post("/mlflow/runs/create", { experiment_id }),
      call("update", { new_name: "churn 3" }),
    ]) {
      expect(await refused).toEqual(
        invalid(/must be in the 'active' state. Current state is deleted/),
      );
    }
    const { body } = await mlflow.post("/mlflow/experiments/search", { view_type: "DELETED_ONLY" });
    expect(body.experiments).toEqual([
      expect.objectContaining({ name: "churn 2", lifecycle_stage: "deleted" }),
    ]);
    expect(await call("restore")).toEqual(empty);
  });
});
