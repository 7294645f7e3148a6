import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { withWorkspace } from "@/db/client";
import { storeObject } from "@/server/artifacts";
import type { Context } from "@/server/kernel/context";
import { createModel, type registerVersion } from "@/server/registry";
import { asOwner } from "../support/database";
import type { TestWorld } from "../support/workspace";

export type VersionInput = Parameters<typeof registerVersion>[1];

/** What a trainer would register: a two-feature classifier. */
export function versionInput(modelId: string, changes: Partial<VersionInput> = {}): VersionInput {
  return {
    modelId,
    runId: null,
    datasetId: null,
    trainingJobId: randomUUID(),
    label: null,
    algorithm: "logistic_regression",
    task: "classification",
    hyperparameters: { C: 1 },
    metrics: { validation: { accuracy: 0.9, auc: 0.95 }, test: { accuracy: 0.88 } },
    signature: {
      task: "classification",
      features: [
        { name: "age", type: "number", nullable: true },
        { name: "color", type: "category", nullable: false, categories: ["blue", "red"] },
      ],
      target: { name: "churned", type: "boolean" },
      classes: [false, true],
      inputs: [
        { name: "numeric", datatype: "FP64", shape: [-1, 1], columns: ["age"] },
        { name: "categorical", datatype: "BYTES", shape: [-1, 1], columns: ["color"] },
      ],
      outputs: [
        { name: "label", datatype: "INT64", shape: [-1] },
        { name: "probabilities", datatype: "FP32", shape: [-1, 2] },
      ],
    },
    inputExample: { age: 31.5, color: "red" },
    environment: { python: "3.12" },
    parity: { rows: 100, maxAbsDiff: 1e-7, labelFlips: 0, tolerance: 1e-5 },
    seed: 42,
    durationSeconds: 3.6,
    artifacts: [],
    ...changes,
  };
}

/** Puts bytes into the store and its books, as logging an artifact does. */
export async function storeBytes(ctx: Context, content: string | Buffer) {
  const object = await ctx.ports.objects.put(
    ctx.workspaceId,
    Readable.from([Buffer.from(content)]),
    1e9,
  );
  await withWorkspace(ctx, (tx) => storeObject(tx, ctx, object));
  return object;
}

/** A run row, as the experiments slice would have made it. */
export async function insertRun(world: TestWorld, workspaceId: string, name: string) {
  const [id, experimentId] = [randomUUID(), randomUUID()];
  await asOwner(
    world.db.ownerUrl,
    "insert into experiments (workspace_id, id, number, name) values ($1, $2, (random() * 1e9)::int, $3)",
    [workspaceId, experimentId, experimentId],
  );
  await asOwner(
    world.db.ownerUrl,
    "insert into runs (workspace_id, id, experiment_id, name, status, start_time) values ($1, $2, $3, $4, 'FINISHED', 1)",
    [workspaceId, id, experimentId, name],
  );
  return id;
}

/** A model of a name nobody has yet. */
export const newModel = (ctx: Context) =>
  createModel(ctx, {
    name: `m-${randomUUID().slice(0, 8)}`,
    type: "classification",
    framework: "scikit-learn",
  });
