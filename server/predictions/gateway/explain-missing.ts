import { and, desc, eq, isNull, sql } from "drizzle-orm";
import { type Database, type Transaction, withWorkspace } from "@/db/client";
import { deployments, models } from "@/db/schema";
import { AppError, notFound } from "@/server/kernel/errors";
import { isUuid } from "@/server/kernel/ids";
import type { Target } from "./gateway";

export interface Missing {
  error: AppError;
  /** True when the database may know a live variant that the table in memory does not. */
  mayBeServing: boolean;
}

/** Why the routing table has no entry for a target, in words for the caller. */
export function explainMissing(
  db: Database,
  workspaceId: string,
  target: Target,
): Promise<Missing> {
  return withWorkspace({ db, workspaceId }, (tx) =>
    "deployment" in target
      ? explainDeployment(tx, workspaceId, target.deployment)
      : explainModel(tx, workspaceId, target.model),
  );
}

async function explainDeployment(
  tx: Transaction,
  workspaceId: string,
  ref: string,
): Promise<Missing> {
  const [row] = await tx
    .select({ status: deployments.status, error: deployments.error })
    .from(deployments)
    .where(
      and(
        eq(deployments.workspaceId, workspaceId),
        isUuid(ref) ? eq(deployments.id, ref) : eq(deployments.name, ref),
        isNull(deployments.deletedAt),
      ),
    );
  return row ? explainStatus(row) : { error: notFound("The deployment"), mayBeServing: false };
}

async function explainModel(tx: Transaction, workspaceId: string, ref: string): Promise<Missing> {
  const [row] = await tx
    .select({ status: deployments.status, error: deployments.error })
    .from(models)
    .leftJoin(
      deployments,
      and(
        eq(deployments.workspaceId, models.workspaceId),
        eq(deployments.modelId, models.id),
        eq(deployments.environment, "production"),
        isNull(deployments.deletedAt),
      ),
    )
    .where(
      and(
        eq(models.workspaceId, workspaceId),
        isUuid(ref) ? eq(models.id, ref) : eq(sql`lower(${models.name})`, ref.toLowerCase()),
        isNull(models.deletedAt),
      ),
    )
    .orderBy(desc(deployments.updatedAt))
    .limit(1);
  if (!row) return { error: notFound("The model"), mayBeServing: false };
  if (!row.status) {
    const message = "This model has no production deployment: deploy a version to production.";
    return { error: new AppError("not_found", message), mayBeServing: false };
  }
  return explainStatus({ status: row.status, error: row.error });
}

function explainStatus(row: { status: string; error: string | null }): Missing {
  if (row.status === "failed") {
    const message = `The deployment failed and serves nothing. ${row.error ?? ""}`.trim();
    return { error: new AppError("conflict", message), mayBeServing: false };
  }
  return {
    error: new AppError("unavailable", "The deployment is not ready yet. Try again in a moment.", {
      retryAfterSeconds: 2,
    }),
    mayBeServing: true,
  };
}
