import { execFileSync } from "node:child_process";
import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Client } from "pg";
import { migrateDatabase } from "@/db/migrate";
import { newApiKey } from "@/server/access/api-key-format";
import { newId } from "@/server/kernel/ids";
import { BENCH_SECRET } from "../predict/bench-secret";
import { type BenchProcess, startProcess, stopProcess } from "../predict/processes";
import type { Target } from "./load";
import { type MlflowServer, startMlflow, stopMlflow } from "./mlflow-server";
import { startPostgres } from "./postgres";

/** The stock server that figures are compared with. */
const PEER = ["mlflow==3.17.2", "psycopg2-binary==2.9.13"];

export interface Servers {
  ours: Target & { databaseUrl: string; ownerUrl: string; workspaceId: string; web: BenchProcess };
  /** Absent where only our own figures are wanted. */
  peer: (Target & { databaseUrl: string }) | undefined;
  stop: () => Promise<void>;
}

/** One PostgreSQL with its default settings, our web process and a stock MLflow server on it. */
export async function startServers({ withPeer }: { withPeer: boolean }): Promise<Servers> {
  const postgres = await startPostgres();
  const { folder } = postgres;
  let web: BenchProcess | undefined;
  let mlflow: MlflowServer | undefined;
  const stop = async () => {
    if (web) await stopProcess(web);
    if (mlflow) await stopMlflow(mlflow);
    await postgres.stop();
  };
  try {
    const ownerUrl = await postgres.createDatabase("bench");
    const peerUrl = await postgres.createDatabase("mlflow");
    const databaseUrl = await migrateDatabase(ownerUrl, BENCH_SECRET, "db");
    const { key, workspaceId } = await makeWorkspace(ownerUrl);
    web = await startProcess("../tracking/web-process.ts", [
      databaseUrl,
      join(folder, "artifacts"),
    ]);
    if (withPeer) mlflow = await startMlflow(await peerPython(), peerUrl, folder);
    return {
      ours: {
        label: "Modelyard",
        url: web.url,
        headers: { authorization: `Bearer ${key}` },
        databaseUrl,
        ownerUrl,
        workspaceId,
        web,
      },
      peer: mlflow && {
        label: `MLflow ${mlflow.version}`,
        url: mlflow.url,
        headers: {},
        databaseUrl: peerUrl,
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** MLFLOW_PYTHON, or an environment of our own beside the product's data, made on first use. */
async function peerPython(): Promise<string> {
  const { MLFLOW_PYTHON, MODELYARD_HOME = ".modelyard" } = process.env;
  if (MLFLOW_PYTHON) return MLFLOW_PYTHON;
  const folder = resolve(MODELYARD_HOME, "bench-mlflow");
  const python = join(folder, "bin", "python");
  if (await stat(python).catch(() => undefined)) return python;
  execFileSync("python3", ["-m", "venv", folder]);
  execFileSync(python, ["-m", "pip", "install", "--quiet", ...PEER], { stdio: "inherit" });
  return python;
}

async function makeWorkspace(ownerUrl: string): Promise<{ key: string; workspaceId: string }> {
  const workspaceId = newId();
  const made = newApiKey();
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  await client.query("insert into workspaces (id, slug, name) values ($1, 'bench', 'Bench')", [
    workspaceId,
  ]);
  await client.query(
    `insert into api_keys (workspace_id, id, public_id, secret_hash, name, role)
     values ($1, $2, $3, $4, 'bench', 'data_scientist')`,
    [workspaceId, newId(), made.publicId, made.secretHash],
  );
  await client.end();
  return { key: made.key, workspaceId };
}
