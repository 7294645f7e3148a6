import { and, eq, inArray } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { models, modelVersions } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { servingVersions } from "../serving-versions";
import { getNodeById, mayManageNodes } from "./internal";
import { type NodeDetailDto, nodeParams } from "./schemas";

/** A node with what it holds: this workspace's models by name, others' as a number. */
export async function getNode(
  ctx: Context,
  input: z.input<typeof nodeParams>,
): Promise<NodeDetailDto> {
  requirePermission(ctx, "nodes:read");
  const { node: id } = nodeParams.parse(input);
  const node = await withWorkspace(ctx, (tx) => getNodeById(tx, id));
  const held = node.state === "away" ? null : await ctx.ports.nodes?.modelsOn(node.url);
  const own = (held ?? []).filter((one) => one.workspaceId === ctx.workspaceId);
  return withWorkspace(ctx, async (tx) => ({
    ...node,
    canManage: await mayManageNodes(tx, ctx),
    models: held
      ? await nameVersions(
          tx,
          ctx,
          own.map(({ versionId }) => versionId),
        )
      : null,
    otherModels: (held?.length ?? 0) - own.length,
  }));
}

/** Versions by name, with the deployments that serve them. */
async function nameVersions(tx: Transaction, ctx: Context, versionIds: string[]) {
  if (versionIds.length === 0) return [];
  const found = await tx
    .select({
      modelId: models.id,
      modelName: models.name,
      versionId: modelVersions.id,
      versionNumber: modelVersions.number,
    })
    .from(modelVersions)
    .innerJoin(
      models,
      and(eq(models.workspaceId, modelVersions.workspaceId), eq(models.id, modelVersions.modelId)),
    )
    .where(
      and(eq(modelVersions.workspaceId, ctx.workspaceId), inArray(modelVersions.id, versionIds)),
    )
    .orderBy(models.name, modelVersions.number);
  const serving = await deploymentsOf(tx, ctx, versionIds);
  return found.map((one) => ({ ...one, deployments: serving.get(one.versionId) ?? [] }));
}

async function deploymentsOf(tx: Transaction, ctx: Context, versionIds: string[]) {
  const rows = await servingVersions(tx, ctx, versionIds);
  const byVersion = Map.groupBy(rows, ({ versionId }) => versionId);
  return new Map(
    [...byVersion].map(([versionId, list]) => [
      versionId,
      list.map(({ id, name, environment }) => ({ id, name, environment })),
    ]),
  );
}
