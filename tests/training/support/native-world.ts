import { resolve } from "node:path";
import type { ModelConverter } from "@/server/kernel/ports";
import { getVersion } from "@/server/registry";
import { createLocalConverter } from "@/server/training/conversions/sandbox/local-converter";
import { mlflowClient } from "../../mlflow/client";
import { startTestServer, type TestServer } from "../../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../../support/workspace";

/** The environment npm test makes; without one no sandbox can start. */
export const PYTHON_ENV = resolve(process.env.MODELYARD_PYTHON_ENV ?? "trainers/.venv");
const FILES = "/mlflow-artifacts/artifacts";

/** A world where native models are logged as MLflow's clients do it. */
export interface NativeWorld extends TestWorld {
  server: TestServer;
  /** Logs one file under an MLmodel and registers it; answers the version's id. */
  log(workspace: TestWorkspace, model: string, native: Native): Promise<string>;
}

export interface Native {
  flavor?: "sklearn" | "xgboost" | "lightgbm";
  file: string;
  content: string | Uint8Array<ArrayBuffer>;
  format?: string;
}

export async function createNativeWorld(): Promise<NativeWorld> {
  const world = await createTestWorld();
  const server = await startTestServer(world);
  return {
    ...world,
    server,
    log: (workspace, model, native) => log(server, workspace, model, native),
    close: async () => {
      await server.close();
      await world.close();
    },
  };
}

async function log(
  server: TestServer,
  workspace: TestWorkspace,
  model: string,
  { flavor = "sklearn", file, content, format }: Native,
): Promise<string> {
  const mlflow = mlflowClient(server, await workspace.key("data_scientist"));
  const { body } = await mlflow.post("/mlflow/runs/create", { experiment_id: "0" });
  const run = (body as { run: { info: { run_id: string } } }).run.info.run_id;
  const key = flavor === "sklearn" ? "pickled_model" : "data";
  const mlmodel = `flavors:\n  ${flavor}: {${key}: ${file}${format ? `, serialization_format: ${format}` : ""}}\n`;
  await mlflow.put(`${FILES}/0/${run}/artifacts/model/MLmodel`, mlmodel);
  await mlflow.put(`${FILES}/0/${run}/artifacts/model/${file}`, content);
  await mlflow.post("/mlflow/registered-models/create", { name: model });
  const made = await mlflow.post("/mlflow/model-versions/create", {
    name: model,
    source: `runs:/${run}/model`,
    run_id: run,
  });
  if (made.status !== 200) throw new Error(JSON.stringify(made.body));
  const version = (made.body.model_version as { version: string }).version;
  return (await getVersion(workspace.as("viewer"), { model, version })).id;
}

/** A pickle that runs a text of Python when it is read, in pickle's first protocol. */
export const pickleThatRuns = (code: string): string =>
  `cbuiltins\nexec\n(V${code.replaceAll("\\", "\\u005c").replaceAll("\n", "\\u000a")}\ntR.`;

/** Converts in this process, with sandboxes of their own. */
export const converterIn = (
  folder: string,
  limits: Parameters<typeof createLocalConverter>[0]["limits"] = {},
): ModelConverter =>
  createLocalConverter({
    folder,
    interpreter: () => `${PYTHON_ENV}/bin/python`,
    readiness: () => ({ state: "ready" }),
    limits,
  });
