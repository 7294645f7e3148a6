import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withWorkspace } from "@/db/client";
import { storeObject } from "@/server/artifacts";
import { predict } from "@/server/predictions";
import {
  createDeployedWorld,
  type Deployed,
  type DeployedWorld,
  deployModel,
} from "../deployments/support/deployed-world";
import {
  classifierModel,
  classifierSignature,
  mixedModel,
  mixedSignature,
} from "../node/support/sample-models";
import { asOwner } from "../support/database";
import type { TestWorkspace } from "../support/workspace";
import { call, type PredictionServer, startPredictionServer } from "./support/prediction-server";

let world: DeployedWorld;
let server: PredictionServer;
let workspace: TestWorkspace;
let key: string;
beforeAll(async () => {
  world = await createDeployedWorld();
  workspace = await world.workspace();
  key = await workspace.key("data_scientist");
  await deployModel(world, workspace, "slope");
  const profiled = await deployModel(world, workspace, "profiled");
  await addProfile(profiled, [profileOf("a", [0, 10]), profileOf("b", [5, 5])]);
  const odd = await deployModel(world, workspace, "odd");
  await addProfile(odd, "no profile");
  const flowers = { onnx: classifierModel(), signature: classifierSignature() };
  await deployModel(world, workspace, "flowers", flowers);
  await deployModel(world, workspace, "paint", {
    onnx: mixedModel(),
    signature: mixedSignature,
  });
  const wide = { onnx: classifierModel(20), signature: classifierSignature(20) };
  await deployModel(world, workspace, "wide", wide);
  server = await startPredictionServer(world, world.nodes);
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const profileOf = (name: string, edges: number[]) => ({
  name,
  count: 100,
  nulls: 0,
  histogram: { edges, counts: [100] },
});

/** As a trainer leaves it among the files of a version. */
async function addProfile({ versionId }: Deployed, features: unknown): Promise<void> {
  const ctx = workspace.as("admin");
  const content = Readable.from([JSON.stringify({ version: 1, features })]);
  const stored = await ctx.ports.objects.put(ctx.workspaceId, content, 1e6);
  await withWorkspace(ctx, (tx) => storeObject(tx, ctx, stored));
  await asOwner(
    world.db.ownerUrl,
    `insert into model_version_artifacts (workspace_id, version_id, path, kind, sha256, size_bytes)
     values ($1, $2, 'reference_profile.json', 'profile', $3, $4)`,
    [ctx.workspaceId, versionId, stored.sha256, stored.sizeBytes],
  );
}

interface Importance {
  base: number;
  contributions: Record<string, number>;
  class?: string;
  method: string;
  background: string;
}

async function explain(deployment: string, body: object) {
  const options = { includeFeatureImportance: true };
  const url = `${server.url}/api/v1/deployments/${deployment}/predict`;
  const reply = await call(url, key, { ...body, options });
  return { ...reply, importance: reply.body.featureImportance as Importance[] };
}

const total = ({ base, contributions }: Importance) =>
  Object.values(contributions).reduce((sum, value) => sum + value, base);

describe("feature importance", () => {
  it("is left out unless asked for", async () => {
    const url = `${server.url}/api/v1/deployments/slope/predict`;
    const input = { a: 2, b: 5 };
    expect((await call(url, key, { input })).body).not.toHaveProperty("featureImportance");
    const options = { includeFeatureImportance: false };
    expect((await call(url, key, { input, options })).body).not.toHaveProperty("featureImportance");
  });

  it("says how far each feature moves a prediction from a typical one", async () => {
    const { status, body, importance } = await explain("profiled", { input: { a: 8, b: 5 } });
    expect(status).toBe(200);
    expect(body.predictions).toEqual([13]);
    const [row] = importance;
    expect(row).toMatchObject({ method: "exact", background: "profile" });
    expect(row?.base).toBeCloseTo(10, 9);
    expect(row?.contributions.a).toBeCloseTo(3, 9);
    expect(row?.contributions.b).toBeCloseTo(0, 9);
  });

  it("falls back on the signature where there is no profile, or none that can be read", async () => {
    for (const deployment of ["slope", "odd"]) {
      const { importance } = await explain(deployment, {
        inputs: [
          { a: 2, b: 5 },
          { a: 0, b: 0 },
        ],
      });
      expect(importance).toEqual([
        { base: 0, contributions: { a: 2, b: 5 }, method: "exact", background: "signature" },
        { base: 0, contributions: { a: 0, b: 0 }, method: "exact", background: "signature" },
      ]);
    }
  });

  it("explains the probability of the predicted class", async () => {
    const { body, importance } = await explain("flowers", {
      input: { x0: 1, x1: 0, x2: 0, x3: 1 },
    });
    const [row] = importance;
    const [predicted] = body.predictions as string[];
    const [probabilities] = body.probabilities as Record<string, number>[];
    expect(row?.class).toBe(predicted);
    expect(row && total(row)).toBeCloseTo(probabilities?.[predicted ?? ""] ?? 0, 5);
    // Coefficient zero.
    expect(row?.contributions.x1).toBeCloseTo(0, 6);
  });

  it("is sampled where the coalitions are too many, adds up, and is the same each time", async () => {
    const input = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`x${at}`, at / 20]));
    const { body, importance } = await explain("wide", { input });
    const [row] = importance;
    const [predicted] = body.predictions as string[];
    const [probabilities] = body.probabilities as Record<string, number>[];
    expect(row?.method).toBe("sampled");
    expect(row && total(row)).toBeCloseTo(probabilities?.[predicted ?? ""] ?? 0, 5);
    expect((await explain("wide", { input })).importance).toEqual(importance);
  });

  it("covers categories and missing values", async () => {
    const input = { width: null, wet: true, color: "green" };
    const { status, importance } = await explain("paint", { input });
    expect(status).toBe(200);
    expect(Object.keys(importance[0]?.contributions ?? {})).toEqual(
      mixedSignature.features.map(({ name }) => name),
    );
  });

  it("is given inside the process as well", async () => {
    const ctx = workspace.as("data_scientist");
    ctx.ports.predictions = server.runtime.ports.predictions;
    const reply = await predict(ctx, {
      deployment: "slope",
      input: { a: 1, b: 1 },
      options: { includeFeatureImportance: true },
    });
    expect(reply.featureImportance?.[0]?.contributions).toEqual({ a: 1, b: 1 });
  });

  it("refuses more than ten rows and what is no answer to the question", async () => {
    const inputs = Array.from({ length: 11 }, () => ({ a: 1, b: 1 }));
    expect((await explain("slope", { inputs })).status).toBe(422);
    const url = `${server.url}/api/v1/deployments/slope/predict`;
    const options = { includeFeatureImportance: "yes" };
    expect((await call(url, key, { input: { a: 1, b: 1 }, options })).status).toBe(422);
    expect((await explain("slope", { input: { a: 1 } })).status).toBe(422);
  });
});
