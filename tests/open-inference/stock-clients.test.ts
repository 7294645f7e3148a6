import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  createDeployedWorld,
  type DeployedWorld,
  deployModel,
  slopeModel,
} from "../deployments/support/deployed-world";
import { mixedModel, mixedSignature } from "../node/support/sample-models";
import { type BothServers, startBoth } from "./support/start-servers";

const run = promisify(execFile);
/** The environment that npm test makes of requirements.lock beside this file. */
const PYTHON = resolve(
  process.env.MODELYARD_INFERENCE_PYTHON ??
    "node_modules/.cache/modelyard/inference-clients/bin/python",
);
const SKIP = process.env.MODELYARD_SKIP_PYTHON === "1";

let world: DeployedWorld;
let server: BothServers;
let key: string;
beforeAll(async () => {
  world = await createDeployedWorld();
  const workspace = await world.workspace();
  key = await workspace.key("data_scientist");
  await deployModel(world, workspace, "slope", slopeModel(3));
  await deployModel(world, workspace, "paint", { onnx: mixedModel(), signature: mixedSignature });
  server = await startBoth(world);
});
afterAll(async () => {
  await server.close();
  await world.close();
});

interface Seen {
  http: { models: string[]; refusals: Record<string, string> };
  grpc: { refusals: Record<string, string> };
}

async function runClients<T>(script: string): Promise<T> {
  if (!existsSync(PYTHON)) {
    throw new Error(
      `There is no Python at ${PYTHON}. Run npm test, which makes it; name another by MODELYARD_INFERENCE_PYTHON; or set MODELYARD_SKIP_PYTHON=1.`,
    );
  }
  const hosts = [new URL(server.url).host, `127.0.0.1:${server.grpcPort}`];
  const args = [`tests/open-inference/${script}`, ...hosts, key];
  const { stdout } = await run(PYTHON, args, { timeout: 110_000 });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as T;
}

it.skipIf(SKIP)(
  "serves NVIDIA's clients, over HTTP and gRPC, in all they offer",
  async () => {
    const seen = await runClients<Seen>("stock_triton.py");
    expect(seen.http.models).toEqual(["paint", "slope"]);
    expect(seen.http.refusals).toMatchObject({
      model: expect.stringMatching(/^404: .*does not exist/),
      key: expect.stringMatching(/^401: /),
      shape: expect.stringMatching(/^400: .*must have the shape/),
      memory: expect.stringMatching(/^501: .*shared memory/),
      load: expect.stringMatching(/^501: .*deploy a version/),
      trace: expect.stringMatching(/^501: /),
    });
    expect(seen.grpc.refusals).toMatchObject({
      model: expect.stringMatching(/NOT_FOUND: .*does not exist/),
      key: expect.stringMatching(/UNAUTHENTICATED: /),
      shape: expect.stringMatching(/INVALID_ARGUMENT: .*must have the shape/),
      memory: expect.stringMatching(/UNIMPLEMENTED: .*shared memory/),
      load: expect.stringMatching(/UNIMPLEMENTED: .*deploy a version/),
    });
    expect(server.faults).toEqual([]);
  },
  120_000,
);

it.skipIf(SKIP)(
  "serves KServe's clients, over HTTP and gRPC, with binary and typed tensors",
  async () => {
    const labels = await runClients<number[]>("stock_kserve.py");
    expect(labels).toHaveLength(2);
    expect(server.faults).toEqual([]);
  },
  120_000,
);
