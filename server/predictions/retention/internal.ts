import { and, eq, isNull } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { deployments, predictionRetention } from "@/db/schema";
import { deploymentSettings } from "@/server/deployments";
import type { Context } from "@/server/kernel/context";
import { DEFAULT_RETENTION, type RetentionDto } from "./schemas";

/** How long requests are kept; where `archiveDays` is not above `keepDays` none is archived. */
export type Retention = Pick<RetentionDto, "keepDays" | "archiveDays">;
type Tenant = Pick<Context, "workspaceId">;

/** What the workspace keeps where a deployment does not say otherwise. */
export async function workspaceRetention(tx: Transaction, ctx: Tenant): Promise<RetentionDto> {
  const [row] = await tx
    .select({
      keepDays: predictionRetention.keepDays,
      archiveDays: predictionRetention.archiveDays,
      resultDays: predictionRetention.resultDays,
    })
    .from(predictionRetention)
    .where(eq(predictionRetention.workspaceId, ctx.workspaceId));
  return row ?? DEFAULT_RETENTION;
}

/** What holds for one deployment, deleted ones included. */
export async function loadRetention(
  tx: Transaction,
  ctx: Tenant,
  deploymentId: string,
): Promise<Retention> {
  const [deployment] = await tx
    .select({ settings: deployments.settings })
    .from(deployments)
    .where(and(eq(deployments.workspaceId, ctx.workspaceId), eq(deployments.id, deploymentId)));
  return withOwn(await workspaceRetention(tx, ctx), deployment?.settings);
}

/** The most days any request is kept. */
export async function longestRetentionDays(tx: Transaction, ctx: Tenant): Promise<number> {
  const common = await workspaceRetention(tx, ctx);
  const rows = await tx
    .select({ settings: deployments.settings })
    .from(deployments)
    .where(and(eq(deployments.workspaceId, ctx.workspaceId), isNull(deployments.deletedAt)));
  const all = [common, ...rows.map(({ settings }) => withOwn(common, settings))];
  return Math.max(...all.flatMap(({ keepDays, archiveDays }) => [keepDays, archiveDays]));
}

function withOwn(common: Retention, settings: unknown): Retention {
  const own = deploymentSettings.safeParse(settings ?? {}).data?.logging;
  return {
    keepDays: own?.keepDays ?? common.keepDays,
    archiveDays: own?.archiveDays ?? common.archiveDays,
  };
}
