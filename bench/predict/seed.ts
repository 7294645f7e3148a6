import { Readable } from "node:stream";
import { Client } from "pg";
import { withWorkspace } from "@/db/client";
import { newApiKey } from "@/server/access/api-key-format";
import { createKeyring, storeObject } from "@/server/artifacts";
import {
  advanceRollOut,
  beginRollOut,
  deployVersion,
  loadVersion,
  openNodes,
} from "@/server/deployments";
import { newId } from "@/server/kernel/ids";
import { createLog } from "@/server/kernel/log";
import { createModel, registerVersion } from "@/server/registry";
import { createRuntime } from "@/server/runtime";
import { classifierModel, classifierSignature } from "@/tests/node/support/sample-models";
import { BENCH_SECRET } from "./bench-secret";

export interface Seed {
  ownerUrl: string;
  appUrl: string;
  artifactsFolder: string;
  nodeUrl: string;
  features: number;
}

/** A workspace with a deployed 30-feature classifier; answers an API key that may predict. */
export async function seed(options: Seed): Promise<{ key: string; deployment: string }> {
  const { key, workspaceId } = await makeWorkspace(options.ownerUrl);
  const runtime = createRuntime({
    databaseUrl: options.appUrl,
    artifactsFolder: options.artifactsFolder,
    keyring: createKeyring(BENCH_SECRET),
    log: createLog("seed", "warn"),
  });
  const nodes = openNodes(runtime, { urls: [options.nodeUrl] });
  const ctx = runtime.jobContext(workspaceId, "benchmark");
  const onnx = classifierModel(options.features);
  const signature = classifierSignature(options.features);
  const model = await createModel(ctx, {
    name: "bench",
    type: "classification",
    framework: "onnx",
  });
  const stored = await ctx.ports.objects.put(workspaceId, Readable.from([onnx]), 2 ** 30);
  await withWorkspace(ctx, (tx) => storeObject(tx, ctx, stored));
  const version = await registerVersion(ctx, {
    modelId: model.id,
    runId: null,
    datasetId: null,
    trainingJobId: null,
    label: null,
    algorithm: "logistic_regression",
    task: "classification",
    hyperparameters: {},
    metrics: { validation: {}, test: {} },
    signature,
    inputExample: null,
    environment: {},
    parity: null,
    seed: null,
    durationSeconds: null,
    artifacts: [{ path: "model.onnx", kind: "model", ...stored }],
  });
  const { deploymentId } = await deployVersion(ctx, {
    model: model.id,
    versionId: version.id,
    name: "bench",
    environment: "production",
  });
  const { rows } = await withWorkspace(ctx, (tx) =>
    tx.execute<{ id: string }>("select id from deployment_variants"),
  );
  const rollOut = { deploymentId, variantId: rows[0]?.id ?? "" };
  await beginRollOut(ctx, rollOut);
  await loadVersion(ctx, rollOut);
  await advanceRollOut(ctx, rollOut);
  await nodes.close();
  await runtime.close();
  return { key, deployment: "bench" };
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
