import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { deploymentEvents, modelVersions } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { type Actor, actorName } from "@/server/kernel/actor";
import type { Context } from "@/server/kernel/context";
import { byDate, keyset, type Page, toPage } from "@/server/kernel/paging";
import type { DeploymentEventKind } from "./constants";
import { getDeploymentInWorkspace } from "./internal";
import { type DeploymentEventDto, type EffectDto, listEventsInput } from "./schemas";

/** The timeline of a deployment: what changed, when, by whom. */
export async function listDeploymentEvents(
  ctx: Context,
  input: z.input<typeof listEventsInput>,
): Promise<Page<DeploymentEventDto>> {
  requirePermission(ctx, "deployments:read");
  const query = listEventsInput.parse(input);
  const page = keyset(byDate(deploymentEvents.at), deploymentEvents.id, query);
  return withWorkspace(ctx, async (tx) => {
    const deployment = await getDeploymentInWorkspace(tx, ctx, query.deployment);
    const rows = await tx
      .select({ event: deploymentEvents, versionNumber: modelVersions.number })
      .from(deploymentEvents)
      .leftJoin(
        modelVersions,
        and(
          eq(modelVersions.workspaceId, deploymentEvents.workspaceId),
          eq(modelVersions.id, deploymentEvents.versionId),
        ),
      )
      .where(
        and(
          eq(deploymentEvents.workspaceId, ctx.workspaceId),
          eq(deploymentEvents.deploymentId, deployment.id),
          page.where,
        ),
      )
      .orderBy(...page.orderBy)
      .limit(query.limit + 1);
    return toPage(
      rows,
      query.limit,
      ({ event }) => [event.at.toISOString(), event.id],
      ({ event, versionNumber }) => ({
        id: event.id,
        kind: event.kind as DeploymentEventKind,
        versionId: event.versionId,
        versionNumber,
        actorName: actorName(event.actor as Actor),
        message: event.message,
        comment: event.comment,
        effect: event.effect as EffectDto | null,
        at: event.at.toISOString(),
      }),
    );
  });
}
