import { afterAll, beforeAll, expect, it } from "vitest";
import { deployVersion } from "@/server/deployments";
import { getVersion, listVersionArtifacts } from "@/server/registry";
import { listConversions } from "@/server/training";
import { rollOutNow } from "../deployments/support/deployed-world";
import { runPython } from "../mlflow/python-client";
import { call, until } from "../predictions/support/prediction-server";
import type { TestWorkspace } from "../support/workspace";
import {
  CLIENT_DEADLINE_MS,
  NODE_DEADLINE_MS,
  type PythonNode,
  skipPython,
  startPythonNode,
} from "./support/python-node";
import { createPythonWorld, type PythonWorld } from "./support/python-world";

interface Told {
  rows: Record<string, number | string>[];
  predictions: (number | string)[];
  probabilities: number[][] | null;
}

let world: PythonWorld;
let workspace: TestWorkspace;
let key: string;
let node: PythonNode | undefined;
let told: Record<string, Told>;

beforeAll(async () => {
  world = await createPythonWorld();
  workspace = await world.workspace();
  key = await workspace.key("admin");
  if (skipPython) return;
  told = await runPython<Record<string, Told>>("log_natives.py", {
    MLFLOW_TRACKING_URI: world.server.url,
    MLFLOW_TRACKING_TOKEN: await workspace.key("data_scientist"),
  });
}, CLIENT_DEADLINE_MS);
afterAll(async () => {
  await node?.close();
  await world.close();
}, NODE_DEADLINE_MS);

const version = (model: string) => getVersion(workspace.as("viewer"), { model, version: "1" });

async function deploy(model: string, runtime: "onnx" | "native") {
  const { id: versionId } = await version(model);
  const values = { model, versionId, name: model, environment: "production", runtime } as const;
  return (await deployVersion(workspace.as("admin"), values)).deploymentId;
}

it.skipIf(skipPython)(
  "a native model asks for a Python node, and a pickled one for another form",
  async () => {
    await expect(deploy("xgboost", "native")).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("python -m modelyard_node --register"),
    });
    await expect(deploy("pickled", "native")).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/pickle.*converted to ONNX/s),
    });
    expect((await version("xgboost")).signature).toBeNull();
  },
  NODE_DEADLINE_MS,
);

it.skipIf(skipPython).each(["xgboost", "pipeline"])(
  "%s runs as it is on a Python node and answers by feature name as its framework does",
  async (model) => {
    node ??= await startPythonNode(world.server.url);
    await until(() => world.pool.fits({ format: "xgboost" }), NODE_DEADLINE_MS);
    await rollOutNow(world, workspace, await deploy(model, "native"));
    const { rows = [], predictions = [], probabilities } = told[model] ?? {};
    const url = `${world.server.url}/api/v1/deployments/${model}/predict`;
    const options = { includeConfidence: true };
    const reply = await until(async () => {
      const answer = await call(url, key, { inputs: rows, options });
      return answer.status === 200 && answer;
    }, NODE_DEADLINE_MS / 2);
    const given = reply.body.predictions as (number | string)[];
    expect(given).toHaveLength(rows.length);
    for (const [at, expected] of predictions.entries()) {
      if (typeof expected === "string") expect(given[at]).toBe(expected);
      else expect(Number(given[at])).toBeCloseTo(expected, 4);
    }
    const shares = reply.body.probabilities as Record<string, number>[] | undefined;
    for (const [at, expected] of (probabilities ?? []).entries())
      for (const [place, share] of Object.values(shares?.[at] ?? {}).entries())
        expect(share).toBeCloseTo(expected[place] ?? NaN, 5);
    const files = await listVersionArtifacts(workspace.as("viewer"), { model, version: "1" });
    expect(files.filter(({ kind }) => kind === "model")).toMatchObject([
      { path: `modelyard/model.${model === "pipeline" ? "skops" : model}` },
    ]);
    const conversions = await listConversions(workspace.as("viewer"), { model, version: "1" });
    expect(conversions.items).toEqual([]);
  },
  NODE_DEADLINE_MS,
);

it.skipIf(skipPython)(
  "attributions of a native model are sampled, and one that was deployed keeps its form",
  async () => {
    const [input] = told.xgboost?.rows ?? [];
    const url = `${world.server.url}/api/v1/deployments/xgboost/predict`;
    const reply = await call(url, key, { input, options: { includeFeatureImportance: true } });
    expect(reply.status, JSON.stringify(reply.body)).toBe(200);
    const before = await version("xgboost");
    await deploy("xgboost", "onnx");
    expect(await version("xgboost")).toEqual(before);
  },
  NODE_DEADLINE_MS,
);
