import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { updateStage } from "@/server/registry/stages/update-stage";
import { asOwner } from "../support/database";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { type MlflowClient, mlflowClient } from "./client";

let world: TestWorld;
let workspace: TestWorkspace;
let server: TestServer;
let mlflow: MlflowClient;
beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world);
});
afterAll(async () => {
  await server.close();
  await world.close();
});
beforeEach(async () => {
  workspace = await world.workspace();
  mlflow = mlflowClient(server, await workspace.key("data_scientist"));
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
const create = () => mlflow.post(`${ROOT}/create`, { name: "churn", source: "s3://bucket/model" });
const read = async (version: string): Promise<Version> => {
  const { body } = await mlflow.get(`${ROOT}/get`, { name: "churn", version });
  return body.model_version as Version;
};

describe("stages", () => {
  const move = (version: string, stage: string, more: object = {}) =>
    mlflow.post(`${ROOT}/transition-stage`, { name: "churn", version, stage, ...more });
  const latest = async (stages?: string[]) => {
    const { body } = await mlflow.post("/mlflow/registered-models/get-latest-versions", {
      name: "churn",
      ...(stages ? { stages } : {}),
    });
    const versions = (body.model_versions ?? []) as Version[];
    return Object.fromEntries(versions.map((one) => [one.current_stage, one.version]));
  };

  it("are MLflow's words over ours, in any case", async () => {
    for (let i = 0; i < 4; i += 1) await create();
    expect((await move("1", "staging")).body).toMatchObject({
      model_version: { version: "1", current_stage: "Staging" },
    });
    await move("2", "PRODUCTION");
    await move("3", "Production", { archive_existing_versions: true });
    expect((await read("2")).current_stage).toBe("Archived");
    expect(await latest()).toEqual({ None: "4", Staging: "1", Production: "3", Archived: "2" });
    expect(await latest(["production", "None"])).toEqual({ None: "4", Production: "3" });
    const byGet = await mlflow.get("/mlflow/registered-models/get-latest-versions", {
      name: "churn",
      stages: ["Staging"],
    });
    expect(byGet.body).toMatchObject({ model_versions: [{ version: "1" }] });
    expect((await move("1", "None")).body).toMatchObject({
      model_version: { current_stage: "None" },
    });
  });

  it("refuse other words and an archive without an active stage", async () => {
    await create();
    expect(await move("1", "Nowhere")).toEqual(
      invalid(
        "Invalid Model Version stage: Nowhere. Value must be one of None, Staging, Production, Archived.",
      ),
    );
    expect(await move("1", "Archived", { archive_existing_versions: true })).toEqual(
      invalid(/cannot archive existing model versions/),
    );
    const { body } = await mlflow.post("/mlflow/registered-models/get-latest-versions", {
      name: "churn",
      stages: ["Nowhere"],
    });
    expect(body.message).toMatch(/^Invalid Model Version stage/);
  });

  it("obey approvals: the caller is refused and told which request waits", async () => {
    await create();
    const stage = "production";
    await updateStage(workspace.as("admin"), { stage, needsApproval: true });
    const first = await move("1", "Production");
    expect(first).toEqual(
      refusal(403, "PERMISSION_DENIED", /needs approval. The request [0-9a-f-]{36} waits/),
    );
    expect((await read("1")).current_stage).toBe("None");
    expect(await move("1", "Production")).toEqual(first);
    const requests = await asOwner<{ id: string; state: string }>(
      world.db.ownerUrl,
      "select id, state from approvals where workspace_id = $1",
      [workspace.id],
    );
    expect(requests.map(({ state }) => state)).toEqual(["pending"]);
    expect(first.body.message).toContain(requests[0]?.id);
  });
});
