import { and, eq, inArray, isNull, or } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { modelVersions } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import type { VersionRow } from "../internal";
import type { LineageEdge, LineageNode } from "../schemas";
import { runNode, versionNode } from "./lineage-nodes";
import { type Frontier, runsById, type Step } from "./step-up";

export interface LineagePart {
  nodes: LineageNode[];
  edges: LineageEdge[];
}

/** Adds what a slice to the right made from a version, such as deployments. */
export type LineageSource = (
  tx: Transaction,
  ctx: Context,
  version: VersionRow,
) => Promise<LineagePart>;

export const lineageSources: LineageSource[] = [];

/** Versions one step may reach. */
const VERSIONS_MAX = 500;

/** One step towards what was made of things: runs, versions, children, and what other slices know. */
export async function stepDown(tx: Transaction, ctx: Context, from: Frontier): Promise<Step> {
  const found = await madeFrom(tx, ctx, from);
  const runIds = [
    ...new Set(
      found.flatMap(({ runId, datasetId }) =>
        runId && datasetId && from.datasetIds.includes(datasetId) ? [runId] : [],
      ),
    ),
  ];
  const runs = await runsById(tx, ctx, runIds);
  // What a run made from a dataset is one step further away than the run.
  const versions = found.filter((one) => !(one.runId && runIds.includes(one.runId)));
  const parts: LineagePart[] = [];
  for (const version of from.versions) {
    for (const source of lineageSources) parts.push(await source(tx, ctx, version));
  }
  return {
    nodes: [...versions.map(versionNode), ...runs.map(runNode), ...parts.flatMap((p) => p.nodes)],
    edges: [
      ...found.flatMap((version) => edgesTo(version, from)),
      ...parts.flatMap((part) => part.edges),
    ],
    next: { versions, runIds, datasetIds: [] },
  };
}

function edgesTo(version: VersionRow, from: Frontier): LineageEdge[] {
  const { id, runId, datasetId, parentVersionId } = version;
  const edges: LineageEdge[] = [];
  if (parentVersionId && from.versions.some((one) => one.id === parentVersionId)) {
    edges.push({ from: parentVersionId, to: id, label: "followed by" });
  }
  if (runId && from.runIds.includes(runId)) edges.push({ from: runId, to: id, label: "made" });
  if (datasetId && from.datasetIds.includes(datasetId)) {
    edges.push({ from: datasetId, to: runId ?? id, label: "read by" });
  }
  return edges;
}

async function madeFrom(tx: Transaction, ctx: Context, from: Frontier): Promise<VersionRow[]> {
  const ids = from.versions.map(({ id }) => id);
  const ways = [
    ids.length > 0 ? inArray(modelVersions.parentVersionId, ids) : undefined,
    from.runIds.length > 0 ? inArray(modelVersions.runId, from.runIds) : undefined,
    from.datasetIds.length > 0 ? inArray(modelVersions.datasetId, from.datasetIds) : undefined,
  ].filter((way) => way !== undefined);
  if (ways.length === 0) return [];
  return tx
    .select()
    .from(modelVersions)
    .where(
      and(
        eq(modelVersions.workspaceId, ctx.workspaceId),
        isNull(modelVersions.deletedAt),
        or(...ways),
      ),
    )
    .orderBy(modelVersions.createdAt, modelVersions.id)
    .limit(VERSIONS_MAX);
}
