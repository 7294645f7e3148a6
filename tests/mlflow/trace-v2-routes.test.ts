import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorld } from "../support/workspace";
import { type MlflowClient, mlflowClient } from "./client";

let world: TestWorld;
let server: TestServer;
/** The newer interface, and the older one that newer clients still use for some calls. */
let v3: MlflowClient;
let v2: MlflowClient;
beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world);
});
afterAll(async () => {
  await server.close();
  await world.close();
});
beforeEach(async () => {
  const workspace = await world.workspace();
  const key = await workspace.key("data_scientist");
  v3 = mlflowClient(server, key, "/api/3.0");
  v2 = mlflowClient(server, key);
});

const missing = {
  status: 404,
  body: {
    error_code: "RESOURCE_DOES_NOT_EXIST",
    message: expect.stringMatching(/not found|does not exist/),
  },
};

describe("clients before MLflow 3", () => {
  it("begin and end a trace by two calls, and find it in their own form", async () => {
    const begun = await v2.post("/mlflow/traces", {
      experiment_id: "0",
      timestamp_ms: 1000,
      request_metadata: [{ key: "mlflow.traceInputs", value: "{}" }],
      tags: [{ key: "mlflow.traceName", value: "predict" }],
    });
    const { request_id } = (begun.body as { trace_info: { request_id: string } }).trace_info;
    const place = `mlflow-artifacts:/0/traces/${request_id}/artifacts`;
    const shown = {
      request_id: expect.stringMatching(/^tr-[0-9a-f]{32}$/),
      experiment_id: "0",
      timestamp_ms: 1000,
      status: "IN_PROGRESS",
      request_metadata: [{ key: "mlflow.traceInputs", value: "{}" }],
      tags: [
        { key: "mlflow.artifactLocation", value: place },
        { key: "mlflow.traceName", value: "predict" },
      ],
    };
    expect(begun).toEqual({ status: 200, body: { trace_info: shown } });
    const ended = await v2.patch(`/mlflow/traces/${request_id}`, {
      timestamp_ms: 1250,
      status: "OK",
      request_metadata: [{ key: "more", value: "1" }],
    });
    const after = {
      ...shown,
      status: "OK",
      execution_time_ms: 250,
      request_metadata: [
        { key: "mlflow.traceInputs", value: "{}" },
        { key: "more", value: "1" },
      ],
    };
    expect(ended).toEqual({ status: 200, body: { trace_info: after } });
    expect(await v2.get(`/mlflow/traces/${request_id}/info`)).toEqual(ended);
    const found = await v2.get("/mlflow/traces", {
      experiment_ids: ["0"],
      filter: "status = 'OK'",
      order_by: ["timestamp_ms DESC"],
    });
    expect(found).toEqual({ status: 200, body: { traces: [after] } });
    expect((await v3.get(`/mlflow/traces/${request_id}`)).status).toBe(200);
    expect(await v2.get("/mlflow/traces/tr-missing/info")).toEqual(missing);
    expect((await v2.patch("/mlflow/traces/tr-missing", { status: "OK" })).status).toBe(404);
    expect((await v2.post("/mlflow/traces", { experiment_id: "0" })).status).toBe(400);
    expect((await v2.patch(`/mlflow/traces/${request_id}`, { status: "DONE" })).status).toBe(400);
  });
});
