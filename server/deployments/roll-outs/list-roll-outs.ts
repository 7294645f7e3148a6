import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { rollOuts } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { byDate, keyset, type Page, toPage } from "@/server/kernel/paging";
import { getDeploymentInWorkspace } from "../internal";
import { joinedRollOuts, toRollOutDto, toRow } from "./internal";
import { listRollOutsInput, type RollOutDto } from "./schemas";

/** The roll-outs of a deployment, by when they were asked for. */
export async function listRollOuts(
  ctx: Context,
  input: z.input<typeof listRollOutsInput>,
): Promise<Page<RollOutDto>> {
  requirePermission(ctx, "deployments:read");
  const query = listRollOutsInput.parse(input);
  const page = keyset(byDate(rollOuts.createdAt), rollOuts.id, query);
  return withWorkspace(ctx, async (tx) => {
    const deployment = await getDeploymentInWorkspace(tx, ctx, query.deployment);
    const rows = await joinedRollOuts(tx)
      .where(
        and(
          eq(rollOuts.workspaceId, ctx.workspaceId),
          eq(rollOuts.deploymentId, deployment.id),
          page.where,
        ),
      )
      .orderBy(...page.orderBy)
      .limit(query.limit + 1);
    return toPage(
      rows,
      query.limit,
      ({ rollOut }) => [rollOut.createdAt.toISOString(), rollOut.id],
      (row) => toRollOutDto(toRow(row)),
    );
  });
}
