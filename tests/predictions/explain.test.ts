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
  type TestModel,
} from "../deployments/support/deployed-world";
import { constant, onnxModel } from "../node/support/onnx-writer";
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
  await deployModel(world, workspace, "net", netModel(20));
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

/** prediction = Σ tanh(x · W): no sum of its features. */
function netModel(features: number): TestModel {
  const hidden = 3;
  const weights = Array.from({ length: features * hidden }, (_, at) => ((at % 5) - 2) / 4);
  const { target, inputs, features: described } = classifierSignature(features);
  return {
    onnx: onnxModel({
      nodes: [
        { op: "MatMul", inputs: ["numeric", "w"], outputs: ["h"] },
        { op: "Tanh", inputs: ["h"], outputs: ["t"] },
        { op: "MatMul", inputs: ["t", "v"], outputs: ["prediction"] },
      ],
      constants: [
        constant("w", "FP32", [features, hidden], weights),
        constant("v", "FP32", [hidden], [1, -2, 3]),
      ],
      inputs: [{ name: "numeric", type: "FP32", shape: ["batch", features] }],
      outputs: [{ name: "prediction", type: "FP32", shape: ["batch"] }],
    }),
    signature: {
      task: "regression",
      features: described,
      target: { ...target, type: "number" },
      classes: null,
      inputs: inputs.map((input) => ({ ...input, datatype: "FP32" })),
      outputs: [{ name: "prediction", datatype: "FP32", shape: [-1] }],
    },
  };
}

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
  standardError?: Record<string, number>;
  method: string;
  space: string;
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
    expect(row).toMatchObject({ method: "exact", space: "prediction", background: "profile" });
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
      const how = { method: "exact", space: "prediction", background: "signature" };
      expect(importance).toEqual([
        { base: 0, contributions: { a: 2, b: 5 }, ...how },
        { base: 0, contributions: { a: 0, b: 0 }, ...how },
      ]);
    }
  });

  it("explains the log-odds of the predicted class, exactly however many features there are", async () => {
    for (const [deployment, features] of [
      ["flowers", 4],
      ["wide", 20],
    ] as const) {
      const names = Array.from({ length: features }, (_, at) => `x${at}`);
      const input = Object.fromEntries(names.map((name, at) => [name, at / features]));
      const { body, importance } = await explain(deployment, { input });
      const [row] = importance;
      const [predicted] = body.predictions as string[];
      const [probabilities] = body.probabilities as Record<string, number>[];
      expect(row).toMatchObject({ class: predicted, method: "exact", space: "log_odds" });
      expect(row).not.toHaveProperty("standardError");
      const odds = 1 / (1 + Math.exp(-(row ? total(row) : 0)));
      expect(odds).toBeCloseTo(probabilities?.[predicted ?? ""] ?? 0, 5);
      // Coefficient zero.
      expect(row?.contributions.x1).toBeCloseTo(0, 6);
    }
  });

  it("is sampled where the graph is no sum, says how far it may be off, and adds up", async () => {
    const input = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`x${at}`, at / 20]));
    const { body, importance } = await explain("net", { input });
    const [row] = importance;
    expect(row).toMatchObject({ method: "sampled", space: "prediction" });
    expect(row && total(row)).toBeCloseTo((body.predictions as number[])[0] ?? 0, 4);
    expect(Object.keys(row?.standardError ?? {})).toEqual(Object.keys(input));
    // How many orders are drawn depends on the time there is; the values agree within their errors.
    const [again] = (await explain("net", { input })).importance;
    for (const name of Object.keys(input)) {
      const off = (again?.contributions[name] ?? 0) - (row?.contributions[name] ?? 0);
      const error = (again?.standardError?.[name] ?? 0) + (row?.standardError?.[name] ?? 0);
      expect(Math.abs(off)).toBeLessThanOrEqual(6 * error + 1e-9);
    }
  });

  it("covers categories, also ones never seen, and missing values", async () => {
    const inputs = [
      { width: 7, wet: true, color: "green" },
      { width: 3, wet: false, color: "mauve" },
      { width: 3, wet: false, color: null },
    ];
    const { status, importance } = await explain("paint", { inputs });
    expect(status).toBe(200);
    for (const row of importance) {
      expect(Object.keys(row.contributions)).toEqual(
        mixedSignature.features.map(({ name }) => name),
      );
    }
    // Both are encoded alike.
    expect(importance[1]).toEqual(importance[2]);
    // This graph answers NaN to a missing number.
    const gap = await explain("paint", { input: { width: null, wet: true, color: "green" } });
    expect(gap.status).toBe(422);
    expect(gap.body.detail).toContain("no number");
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
