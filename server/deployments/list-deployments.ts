import { and, eq, ilike, isNull } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { deployments, models } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { byDate, byText, keyset, type Page, toPage } from "@/server/kernel/paging";
import { getModelInWorkspace } from "@/server/registry";
import { toDeploymentDto, variantsOf } from "./internal";
import { type DeploymentDto, listDeploymentsInput } from "./schemas";

const SORTS = {
  createdAt: byDate(deployments.createdAt),
  updatedAt: byDate(deployments.updatedAt),
  name: byText(deployments.name),
};

const escapeLike = (text: string) => text.replaceAll(/[\\%_]/g, (c) => `\\${c}`);

/** A page of deployments; deleted ones only when `status` asks for inactive. */
export async function listDeployments(
  ctx: Context,
  input: z.input<typeof listDeploymentsInput>,
): Promise<Page<DeploymentDto>> {
  requirePermission(ctx, "deployments:read");
  const query = listDeploymentsInput.parse(input);
  const page = keyset(SORTS[query.sort], deployments.id, query);
  return withWorkspace(ctx, async (tx) => {
    const model = query.model ? await getModelInWorkspace(tx, ctx, query.model) : undefined;
    const rows = await tx
      .select({ deployment: deployments, modelName: models.name })
      .from(deployments)
      .innerJoin(
        models,
        and(eq(models.workspaceId, deployments.workspaceId), eq(models.id, deployments.modelId)),
      )
      .where(
        and(
          eq(deployments.workspaceId, ctx.workspaceId),
          query.status === "inactive" ? undefined : isNull(deployments.deletedAt),
          query.status ? eq(deployments.status, query.status) : undefined,
          query.environment ? eq(deployments.environment, query.environment) : undefined,
          query.search ? ilike(deployments.name, `%${escapeLike(query.search)}%`) : undefined,
          model ? eq(deployments.modelId, model.id) : undefined,
          page.where,
        ),
      )
      .orderBy(...page.orderBy)
      .limit(query.limit + 1);
    const ids = rows.map((row) => row.deployment.id);
    const variants = ids.length > 0 ? await variantsOf(tx, ctx, ids, "relevant") : [];
    return toPage(
      rows,
      query.limit,
      ({ deployment }) => [
        query.sort === "name" ? deployment.name : deployment[query.sort].toISOString(),
        deployment.id,
      ],
      ({ deployment, modelName }) =>
        toDeploymentDto(
          deployment,
          modelName,
          variants.filter((one) => one.deploymentId === deployment.id),
        ),
    );
  });
}
