import { beforeEach, describe, expect, it } from "vitest";
import { type MlflowClient, mlflowClient } from "./client";
import { mlflow, serveMlflow, server, workspace, world } from "./routes-suite";

serveMlflow();

const TRACE = "tr-00112233445566778899aabbccddeeff";
const location = { type: "MLFLOW_EXPERIMENT", mlflow_experiment: { experiment_id: "0" } };
let v3: MlflowClient;
beforeEach(async () => {
  v3 = mlflowClient(server, await workspace.key("data_scientist"), "/api/3.0");
  await v3.post("/mlflow/traces", {
    trace: {
      trace_info: {
        trace_id: TRACE,
        trace_location: location,
        request_time: "2026-01-31T12:00:00Z",
        state: "OK",
      },
    },
  });
});

const greeting = { name: "greeting", version: "2" };
const link = (client: MlflowClient, trace_id: string, prompt_versions: unknown) =>
  client.post("/mlflow/traces/link-prompts", { trace_id, prompt_versions });
const found = async (filter: string) => {
  const { body } = await v3.post("/mlflow/traces/search", { locations: [location], filter });
  return (body.traces as unknown[] | undefined)?.length ?? 0;
};

describe("prompts of a trace", () => {
  it("are linked once however often it is said, and the trace is found by each", async () => {
    const farewell = { name: "fare/well", version: "1" };
    for (const prompts of [[greeting], [greeting, farewell]]) {
      expect(await link(mlflow, TRACE, prompts)).toEqual({ status: 200, body: {} });
    }
    expect(await found("prompt = 'greeting/2'")).toBe(1);
    expect(await found("prompt = 'fare/well/1'")).toBe(1);
    expect(await found("prompt = 'greeting/1'")).toBe(0);
    expect(await found("prompt IS NULL")).toBe(0);
  });

  it("are refused where they are none, of a trace that is none, of others, and by a viewer", async () => {
    for (const prompts of [undefined, [], [{}], "x", [{ name: "a", version: "latest" }]]) {
      expect((await link(mlflow, TRACE, prompts)).status, JSON.stringify(prompts)).toBe(400);
    }
    expect((await link(mlflow, "tr-nothing", [greeting])).status).toBe(404);
    const other = await world.workspace();
    const theirs = mlflowClient(server, await other.key("admin"));
    expect((await link(theirs, TRACE, [greeting])).status).toBe(404);
    const viewer = mlflowClient(server, await workspace.key("viewer"));
    expect((await link(viewer, TRACE, [greeting])).status).toBe(403);
    expect(await found("prompt IS NULL")).toBe(1);
  });
});
