import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { getVersion, listVersionArtifacts } from "@/server/registry";
import { createRuntime, type Runtime } from "@/server/runtime";
import { listConversions } from "@/server/training";
import { startWorker, type Worker } from "@/server/worker/start-worker";
import {
  createDeployedWorld,
  type DeployedWorld,
  silent,
} from "../deployments/support/deployed-world";
import {
  call,
  type PredictionServer,
  startPredictionServer,
} from "../predictions/support/prediction-server";
import { type TestWorkspace, testKeyring } from "../support/workspace";
import { workerOptions } from "../training/support/worker-options";
import { runPython, skipPython } from "./python-client";

/** The environment npm test makes; without one no conversion can run. */
const PYTHON_ENV = resolve(process.env.MODELYARD_PYTHON_ENV ?? "trainers/.venv");
const PATIENCE_MS = 120_000;

interface Told {
  rows: Record<string, number | string>[];
  predictions: (number | string)[];
  probabilities: number[][] | null;
}

describe.skipIf(skipPython || !existsSync(PYTHON_ENV))("native models of the stock client", () => {
  let world: DeployedWorld;
  let workspace: TestWorkspace;
  let server: PredictionServer;
  let runtime: Runtime;
  let worker: Worker;
  let home: string;
  let key: string;
  let told: Record<string, Told>;
  beforeAll(async () => {
    world = await createDeployedWorld();
    workspace = await world.workspace();
    server = await startPredictionServer(world, world.nodes);
    home = await mkdtemp(join(tmpdir(), "modelyard-home-"));
    runtime = createRuntime({
      databaseUrl: world.db.url,
      artifactsFolder: world.artifactsFolder,
      keyring: testKeyring(),
      log: silent,
    });
    runtime.ports.nodes = world.nodes;
    const { trainer: _, ...options } = workerOptions("train", home, server.url);
    worker = await startWorker(runtime, { ...options, pythonEnv: PYTHON_ENV });
    key = await workspace.key("admin");
    told = await runPython<Record<string, Told>>("log_natives.py", {
      MLFLOW_TRACKING_URI: server.url,
      MLFLOW_TRACKING_TOKEN: await workspace.key("data_scientist"),
      HOME: home,
    });
  }, 240_000);
  afterAll(async () => {
    await worker.stop();
    await runtime.close();
    await server.close();
    await world.close();
    await rm(home, { recursive: true, force: true });
  });

  const api = (path: string) => `${server.url}/api/v1${path}`;
  const deploy = async (model: string) => {
    const { id: versionId } = await getVersion(workspace.as("viewer"), { model, version: "1" });
    const body = { versionId, name: model, environment: "production" };
    return call(api(`/models/${model}/deploy`), key, body);
  };
  const conversions = async (model: string) =>
    (await listConversions(workspace.as("viewer"), { model, version: "1" })).items;

  /** Waits for the roll-out, then compares what it serves with what the framework answered. */
  async function answersAlike(model: string): Promise<void> {
    const state = async () => (await call(api(`/deployments/${model}`), key)).body;
    await expect
      .poll(async () => (await state()).status, { timeout: PATIENCE_MS, interval: 200 })
      .not.toMatch(/pending|deploying/);
    expect(await state(), JSON.stringify(await conversions(model))).toMatchObject({
      status: "active",
    });
    const { rows = [], predictions = [], probabilities } = told[model] ?? {};
    const answer = await call(api(`/deployments/${model}/predict`), key, {
      inputs: rows,
      options: { includeConfidence: true },
    });
    const given = answer.body.predictions as (number | string)[];
    expect(given, JSON.stringify(answer.body)).toHaveLength(rows.length);
    for (const [at, expected] of predictions.entries()) {
      if (typeof expected === "string") expect(given[at]).toBe(expected);
      else
        expect(Math.abs(Number(given[at]) - expected)).toBeLessThan(
          1e-4 * Math.abs(expected) + 1e-5,
        );
    }
    const shares = answer.body.probabilities as Record<string, number>[] | undefined;
    for (const [at, expected] of (probabilities ?? []).entries()) {
      const row = Object.values(shares?.[at] ?? {});
      expect(row).toHaveLength(expected.length);
      for (const [place, share] of expected.entries()) expect(row[place]).toBeCloseTo(share, 5);
    }
  }

  it.each(["pipeline", "xgboost", "lightgbm"])(
    "%s is converted when it is deployed, and answers as its framework does",
    { timeout: PATIENCE_MS + 30_000 },
    async (model) => {
      expect((await deploy(model)).status).toBe(202);
      await answersAlike(model);
      const [conversion] = await conversions(model);
      expect(conversion).toMatchObject({ status: "succeeded", attempt: 1, error: null });
      const version = await getVersion(workspace.as("viewer"), { model, version: "1" });
      expect(version.parity).toEqual(conversion?.parity);
      expect(version.signature?.features.length).toBeGreaterThan(1);
      const files = await listVersionArtifacts(workspace.as("viewer"), { model, version: "1" });
      expect(files.filter(({ kind }) => kind === "model")).toHaveLength(1);
      expect(files.filter(({ kind }) => kind === "quarantined")).toEqual([]);
    },
  );

  it("a pickled one is refused until an administrator allows them, then converted behind every wall", {
    timeout: PATIENCE_MS + 30_000,
  }, async () => {
    const refused = await deploy("pickled");
    expect(refused.status).toBe(409);
    expect(refused.body.detail).toMatch(/pickle.*administrator.*Settings/s);
    expect(await conversions("pickled")).toEqual([]);
    const allow = { method: "PATCH", body: JSON.stringify({ allowPickled: true }) };
    const settings = api("/workspace/conversion-settings");
    const engineer = await workspace.key("ml_engineer");
    expect((await call(settings, engineer, {}, allow)).status).toBe(403);
    expect((await call(settings, key, {}, allow)).body).toEqual({ allowPickled: true });
    expect((await deploy("pickled")).status).toBe(202);
    await answersAlike("pickled");
    const [conversion] = await conversions("pickled");
    expect(conversion).toMatchObject({ form: "pickle", walls: { calls: true, limits: true } });
    expect(conversion?.walls?.files).toBeGreaterThanOrEqual(1);
  });

  it("a version that was converted is not converted again", { timeout: PATIENCE_MS }, async () => {
    const { id: versionId } = await getVersion(workspace.as("viewer"), {
      model: "pipeline",
      version: "1",
    });
    const body = { versionId, name: "again", environment: "staging" };
    expect((await call(api("/models/pipeline/deploy"), key, body)).status).toBe(202);
    await expect
      .poll(async () => (await call(api("/deployments/again"), key)).body.status, {
        timeout: PATIENCE_MS,
      })
      .toBe("active");
    expect(await conversions("pipeline")).toHaveLength(1);
  });
});
