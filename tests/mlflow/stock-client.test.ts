import { execFile } from "node:child_process";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

const run = promisify(execFile);
const PYTHON = process.env.MODELYARD_TEST_PYTHON ?? join("trainers", ".venv", "bin", "python");
const SKIP = process.env.MODELYARD_SKIP_PYTHON === "1";

let world: TestWorld;
let workspace: TestWorkspace;
let server: TestServer;
beforeAll(async () => {
  world = await createTestWorld();
  workspace = await world.workspace();
  server = await startTestServer(world);
});
afterAll(async () => {
  await server.close();
  await world.close();
});

interface Refusal {
  code: string;
  seconds: number;
}

async function runClient(environment: Record<string, string>) {
  await access(PYTHON).catch(() => {
    throw new Error(
      `There is no Python at ${PYTHON}. Make the trainers' environment, name another by MODELYARD_TEST_PYTHON, or set MODELYARD_SKIP_PYTHON=1.`,
    );
  });
  const { stdout } = await run(PYTHON, ["tests/mlflow/stock_client.py"], {
    env: { ...process.env, HOME: world.artifactsFolder, ...environment },
    timeout: 110_000,
  });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as {
    artifact_uri: string;
    experiment_id: string;
    refusals: Record<string, Refusal>;
  };
}

it.skipIf(SKIP)(
  "serves the stock MLflow client: runs, metrics, inputs, files, logged models, refusals at once",
  async () => {
    const out = await runClient({
      MLFLOW_TRACKING_URI: server.url,
      MLFLOW_TRACKING_TOKEN: await workspace.key("data_scientist"),
      MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR: "false",
    });
    expect(out.experiment_id).toBe("1");
    expect(out.artifact_uri).toMatch(/^mlflow-artifacts:\/1\/[0-9a-f]{32}\/artifacts$/);
    const codes = Object.fromEntries(
      Object.entries(out.refusals).map(([name, refusal]) => [name, refusal.code]),
    );
    expect(codes).toMatchObject({
      param: "INVALID_PARAMETER_VALUE",
      run: "RESOURCE_DOES_NOT_EXIST",
      experiment: "RESOURCE_ALREADY_EXISTS",
      tag: "RESOURCE_DOES_NOT_EXIST",
    });
    expect(codes.artifact).not.toBeNull();
    for (const { seconds } of Object.values(out.refusals)) expect(seconds).toBeLessThan(30);
  },
  120_000,
);

it.skipIf(SKIP)(
  "serves it with the key in the address",
  async () => {
    const another = await world.workspace();
    const address = new URL(server.url);
    address.username = "anybody";
    address.password = await another.key("data_scientist");
    const out = await runClient({
      MLFLOW_TRACKING_URI: address.href.replace(/\/$/, ""),
      MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR: "false",
    });
    expect(out.experiment_id).toBe("1");
  },
  120_000,
);

it.skipIf(SKIP)(
  "serves it under the prefix of a workspace too, with the key as password of basic authentication",
  async () => {
    const other = await world.workspace();
    const out = await runClient({
      MLFLOW_TRACKING_URI: `${server.url}/w/${other.slug}`,
      MLFLOW_TRACKING_USERNAME: "anybody",
      MLFLOW_TRACKING_PASSWORD: await other.key("admin"),
      MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR: "false",
    });
    expect(out.experiment_id).toBe("1");
  },
  120_000,
);
