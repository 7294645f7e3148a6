import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGrant } from "@/server/access";
import { createDeployedWorld, type DeployedWorld } from "../deployments/support/deployed-world";
import {
  call,
  type PredictionServer,
  startPredictionServer,
} from "../predictions/support/prediction-server";
import { asOwner } from "../support/database";
import type { TestWorkspace } from "../support/workspace";
import { populate, type Things } from "../tenancy/support/populated";

let world: DeployedWorld;
let server: PredictionServer;
let workspace: TestWorkspace;
let things: Things;
let granted: string;
let bare: string;
beforeAll(async () => {
  world = await createDeployedWorld();
  server = await startPredictionServer(world, world.nodes);
  workspace = await world.workspace();
  things = await populate(world, server, workspace);
  bare = await workspace.key("ml_engineer");
  const before = await keys();
  granted = await workspace.key("ml_engineer");
  const id = (await keys()).find((one) => !before.includes(one)) ?? "";
  for (const action of ["write", "deploy"] as const) {
    await createGrant(workspace.as("admin"), {
      modelId: things.modelId,
      action,
      granteeType: "api_key",
      grantee: id,
    });
  }
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const keys = async (): Promise<string[]> =>
  (await asOwner<{ id: string }>(world.db.ownerUrl, "select id from api_keys")).map(({ id }) => id);

interface Attempt {
  rest: [method: string, path: () => string, body?: () => object];
  trpc: [name: string, input: () => object];
}

const deployment = () => ({
  versionId: things.versionId,
  name: things.deploymentName,
  environment: "production",
});
const training = () => ({
  datasetId: things.datasetId,
  target: "y",
  algorithm: "linear_regression",
});

const ATTEMPTS: Record<string, Attempt> = {
  deploying: {
    rest: ["POST", () => `/models/${things.modelId}/deploy`, deployment],
    trpc: ["deployments.deploy", () => ({ model: things.modelId, ...deployment() })],
  },
  "rolling back": {
    rest: ["POST", () => `/deployments/${things.deploymentId}/rollback`, () => ({})],
    trpc: ["deployments.rollback", () => ({ deployment: things.deploymentId })],
  },
  "starting a training": {
    rest: ["POST", () => `/models/${things.modelId}/train`, training],
    trpc: ["training.start", () => ({ model: things.modelId, ...training() })],
  },
  "changing the model": {
    rest: ["PATCH", () => `/models/${things.modelId}`, () => ({ description: "n" })],
    trpc: ["registry.updateModel", () => ({ model: things.modelId, description: "n" })],
  },
  "deleting the deployment": {
    rest: ["DELETE", () => `/deployments/${things.deploymentId}`],
    trpc: ["deployments.delete", () => ({ deployment: things.deploymentId })],
  },
  "deleting the model": {
    rest: ["DELETE", () => `/models/${things.modelId}`],
    trpc: ["registry.deleteModel", () => ({ model: things.modelId })],
  },
};

const rest = ({ rest: [method, path, body] }: Attempt, key: string) =>
  call(`${server.url}/api/v1${path()}`, key, body?.(), { method });
const trpc = ({ trpc: [name, input] }: Attempt, key: string) =>
  call(`${server.url}/api/trpc/${name}`, key, input());

describe("where a model has grants", () => {
  it.each(Object.keys(ATTEMPTS))(
    "%s is forbidden without one, over REST and tRPC",
    async (what) => {
      const attempt = ATTEMPTS[what] as Attempt;
      const answers = [await rest(attempt, bare), await trpc(attempt, bare)];
      expect(
        answers.map(({ status }) => status),
        JSON.stringify(answers),
      ).toEqual([403, 403]);
    },
  );

  it.each(Object.keys(ATTEMPTS))(
    "%s passes the grants with one, over REST and tRPC",
    async (what) => {
      const attempt = ATTEMPTS[what] as Attempt;
      for (const answer of [await rest(attempt, granted), await trpc(attempt, granted)]) {
        // 404 and 409 are the model's own state; what was asked twice is done already.
        expect(JSON.stringify(answer)).not.toMatch(/no such route/);
        expect([200, 201, 202, 204, 404, 409], JSON.stringify(answer)).toContain(answer.status);
      }
    },
  );
});
