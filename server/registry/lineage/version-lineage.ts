import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import { getDatasetInWorkspace } from "@/server/datasets";
import type { Context } from "@/server/kernel/context";
import { getModelInWorkspace, getVersionInWorkspace } from "../internal";
import { datasetNode, versionNode } from "./lineage-nodes";
import {
  type DatasetLineageGraph,
  datasetLineageInput,
  type LineageGraph,
  versionLineageInput,
} from "./schemas";
import { stepDown } from "./step-down";
import { stepUp } from "./step-up";
import { graphOf, newWalk, walkLineage } from "./walk-lineage";

/**
 * Where a version came from (dataset → run → version, the versions before it) and what was made of
 * it (the versions after it, deployments). Throws not_found.
 */
export async function versionLineage(
  ctx: Context,
  input: z.input<typeof versionLineageInput>,
): Promise<LineageGraph> {
  requirePermission(ctx, "models:read");
  const { direction, depth, ...ref } = versionLineageInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const model = await getModelInWorkspace(tx, ctx, ref.model);
    const version = await getVersionInWorkspace(tx, ctx, model, ref.version);
    const walk = newWalk([
      { id: model.id, kind: "model", label: model.name, detail: model.type },
      versionNode(version),
    ]);
    const edge = { from: version.id, to: model.id, label: "version of" };
    walk.edges.set("root", edge);
    const start = { versions: [version], runIds: [], datasetIds: [] };
    if (direction !== "down") await walkLineage(walk, start, depth, (at) => stepUp(tx, ctx, at));
    if (direction !== "up") await walkLineage(walk, start, depth, (at) => stepDown(tx, ctx, at));
    return { versionId: version.id, ...graphOf(walk) };
  });
}

/** What was made of a dataset: runs, versions, deployments. Throws not_found. */
export async function datasetLineage(
  ctx: Context,
  input: z.input<typeof datasetLineageInput>,
): Promise<DatasetLineageGraph> {
  requirePermission(ctx, "models:read");
  const { dataset: idOrName, depth } = datasetLineageInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const dataset = await getDatasetInWorkspace(tx, ctx, idOrName);
    const walk = newWalk([datasetNode(dataset)]);
    const start = { versions: [], runIds: [], datasetIds: [dataset.id] };
    await walkLineage(walk, start, depth, (at) => stepDown(tx, ctx, at));
    return { datasetId: dataset.id, ...graphOf(walk) };
  });
}
