import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { asOwner } from "../support/database";
import { mlflow, serveMlflow, workspace, world } from "./routes-suite";

serveMlflow();
beforeEach(async () => {
  await mlflow.post("/mlflow/registered-models/create", { name: "churn" });
});

const ok = { status: 200, body: {} };
const refusal = (status: number, error_code: string, message: string | RegExp) => ({
  status,
  body: {
    error_code,
    message: typeof message === "string" ? message : expect.stringMatching(message),
  },
});
const invalid = (message: string | RegExp) => refusal(400, "INVALID_PARAMETER_VALUE", message);
const noVersion = (version: string) =>
  refusal(
    404,
    "RESOURCE_DOES_NOT_EXIST",
    `Model Version (name=churn, version=${version}) not found`,
  );

const ROOT = "/mlflow/model-versions";
type Version = Record<string, unknown>;
const create = (more: object = {}) =>
  mlflow.post(`${ROOT}/create`, { name: "churn", source: "s3://bucket/model", ...more });
const read = async (version: string): Promise<Version> => {
  const { body } = await mlflow.get(`${ROOT}/get`, { name: "churn", version });
  return body.model_version as Version;
};

describe("one version", () => {
  it("is read, described, tagged and deleted", async () => {
    await create();
    await create();
    const ref = { name: "churn", version: "1" };
    const updated = await mlflow.patch(`${ROOT}/update`, { ...ref, description: "better" });
    expect(updated.body).toMatchObject({ model_version: { version: "1", description: "better" } });
    const tag = { ...ref, key: "reviewed", value: "yes" };
    expect(await mlflow.post(`${ROOT}/set-tag`, tag)).toEqual(ok);
    expect(await mlflow.post(`${ROOT}/set-tag`, { ...tag, value: "" })).toEqual(ok);
    expect(await read("1")).toMatchObject({ tags: [{ key: "reviewed", value: "" }] });
    expect(await mlflow.delete(`${ROOT}/delete-tag`, { ...ref, key: "reviewed" })).toEqual(ok);
    expect(await read("1")).not.toHaveProperty("tags");
    await mlflow.post("/mlflow/registered-models/alias", { ...ref, alias: "champion" });
    expect(await mlflow.delete(`${ROOT}/delete`, ref)).toEqual(ok);
    for (const call of [
      mlflow.get(`${ROOT}/get`, ref),
      mlflow.delete(`${ROOT}/delete`, ref),
      mlflow.patch(`${ROOT}/update`, { ...ref, description: "x" }),
      mlflow.post(`${ROOT}/set-tag`, tag),
      mlflow.post(`${ROOT}/transition-stage`, { ...ref, stage: "Staging" }),
      mlflow.get(`${ROOT}/get-download-uri`, ref),
    ]) {
      expect(await call).toEqual(noVersion("1"));
    }
    const { body } = await mlflow.get("/mlflow/registered-models/get", { name: "churn" });
    expect(body.registered_model).not.toHaveProperty("aliases");
    expect((await create()).body).toMatchObject({ model_version: { version: "3" } });
  });

  it("is asked for by a number and nothing else", async () => {
    for (const version of ["one", "1.5", "-1", "@champion", "latest", randomUUID()]) {
      expect(await mlflow.get(`${ROOT}/get`, { name: "churn", version })).toEqual(
        invalid(`Parameter 'version' must be an integer, got '${version}'.`),
      );
    }
    for (const version of ["0", "99999999999999999"]) {
      expect((await mlflow.get(`${ROOT}/get`, { name: "churn", version })).status).toBe(404);
    }
  });

  it("is kept while it is served", async () => {
    await create();
    const [row] = await asOwner<{ id: string; model_id: string }>(
      world.db.ownerUrl,
      "select id, model_id from model_versions where workspace_id = $1",
      [workspace.id],
    );
    const deployment = randomUUID();
    await asOwner(
      world.db.ownerUrl,
      "insert into deployments (workspace_id, id, model_id, name, environment, status) values ($1, $2, $3, 'live', 'production', 'active')",
      [workspace.id, deployment, row?.model_id],
    );
    await asOwner(
      world.db.ownerUrl,
      "insert into deployment_variants (workspace_id, id, deployment_id, version_id, name, weight, status) values ($1, $2, $3, $4, 'main', 100, 'active')",
      [workspace.id, randomUUID(), deployment, row?.id],
    );
    expect(await mlflow.delete(`${ROOT}/delete`, { name: "churn", version: "1" })).toEqual(
      invalid("The version is served by live. Deploy another one first."),
    );
  });
});
