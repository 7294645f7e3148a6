import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { datasets, modelVersions, runs } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import {
  getModelInWorkspace,
  getVersionInWorkspace,
  type ModelRow,
  type VersionRow,
} from "./internal";
import { type LineageEdge, type LineageGraph, type LineageNode, versionRef } from "./schemas";

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

/** Versions before this one that the graph goes back to. */
const ANCESTORS_MAX = 20;

/** Where a version came from and what was made of it: dataset → run → version → deployment. */
export async function versionLineage(
  ctx: Context,
  input: z.input<typeof versionRef>,
): Promise<LineageGraph> {
  requirePermission(ctx, "models:read");
  const { model: idOrName, version: which } = versionRef.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const model = await getModelInWorkspace(tx, ctx, idOrName);
    const version = await getVersionInWorkspace(tx, ctx, model, which);
    const parts = [
      aboutModel(model, version),
      await aboutDataset(tx, ctx, version),
      await aboutRun(tx, ctx, version),
      await aboutAncestors(tx, ctx, version),
    ];
    for (const source of lineageSources) parts.push(await source(tx, ctx, version));
    const nodes = new Map(parts.flatMap((part) => part.nodes).map((node) => [node.id, node]));
    return {
      versionId: version.id,
      nodes: [...nodes.values()],
      edges: parts.flatMap((part) => part.edges),
    };
  });
}

const toNode = (version: VersionRow): LineageNode => ({
  id: version.id,
  kind: "version",
  label: version.label ? `v${version.number} · ${version.label}` : `v${version.number}`,
  detail: version.algorithm,
});

function aboutModel(model: ModelRow, version: VersionRow): LineagePart {
  return {
    nodes: [
      { id: model.id, kind: "model", label: model.name, detail: model.type },
      toNode(version),
    ],
    edges: [{ from: version.id, to: model.id, label: "version of" }],
  };
}

async function aboutDataset(
  tx: Transaction,
  ctx: Context,
  version: VersionRow,
): Promise<LineagePart> {
  if (!version.datasetId) return { nodes: [], edges: [] };
  const [row] = await tx
    .select({ name: datasets.name, version: datasets.version, deletedAt: datasets.deletedAt })
    .from(datasets)
    .where(and(eq(datasets.workspaceId, ctx.workspaceId), eq(datasets.id, version.datasetId)));
  const label = row ? `${row.name} v${row.version}` : "dataset";
  const detail = row?.deletedAt ? "deleted" : (version.datasetSha256?.slice(0, 12) ?? null);
  return {
    nodes: [{ id: version.datasetId, kind: "dataset", label, detail }],
    edges: [{ from: version.datasetId, to: version.runId ?? version.id, label: "read by" }],
  };
}

async function aboutRun(tx: Transaction, ctx: Context, version: VersionRow): Promise<LineagePart> {
  if (!version.runId) return { nodes: [], edges: [] };
  const [row] = await tx
    .select({ name: runs.name, status: runs.status })
    .from(runs)
    .where(and(eq(runs.workspaceId, ctx.workspaceId), eq(runs.id, version.runId)));
  const label = row?.name || "run";
  return {
    nodes: [{ id: version.runId, kind: "run", label, detail: row?.status ?? null }],
    edges: [{ from: version.runId, to: version.id, label: "made" }],
  };
}

async function aboutAncestors(
  tx: Transaction,
  ctx: Context,
  version: VersionRow,
): Promise<LineagePart> {
  const part: LineagePart = { nodes: [], edges: [] };
  let child = version;
  while (child.parentVersionId && part.nodes.length < ANCESTORS_MAX) {
    const [parent] = await tx
      .select()
      .from(modelVersions)
      .where(
        and(
          eq(modelVersions.workspaceId, ctx.workspaceId),
          eq(modelVersions.id, child.parentVersionId),
        ),
      );
    if (!parent) break;
    part.nodes.push(toNode(parent));
    part.edges.push({ from: parent.id, to: child.id, label: "followed by" });
    child = parent;
  }
  return part;
}
