import { and, desc, eq, isNull } from "drizzle-orm";
import { type Database, type Transaction, withWorkspace } from "@/db/client";
import { deployments } from "@/db/schema";
import { AppError, notFound } from "@/server/kernel/errors";
import { isUuid } from "@/server/kernel/ids";
import { getModelInWorkspace } from "@/server/registry";
import type { Target } from "./target";

export interface Missing {
  error: AppError;
  /** True when the database may know a live variant that the table in memory does not. */
  mayBeServing: boolean;
}

const NAME_MAX = 200;

/** What can be no name of ours is not looked up. */
const isLookable = (ref: string): boolean => ref.length <= NAME_MAX && !ref.includes("\0");

/** Why the routing table has no entry for a target. Throws not_found as well. */
export async function explainMissing(
  db: Database,
  workspaceId: string,
  target: Target,
): Promise<Missing> {
  const isDeployment = "deployment" in target;
  if (!isLookable(isDeployment ? target.deployment : target.model)) {
    throw notFound(isDeployment ? "The deployment" : "The model");
  }
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
  const model = await getModelInWorkspace(tx, { workspaceId }, ref);
  const [row] = await tx
    .select({ status: deployments.status, error: deployments.error })
    .from(deployments)
    .where(
      and(
        eq(deployments.workspaceId, workspaceId),
        eq(deployments.modelId, model.id),
        eq(deployments.environment, "production"),
        isNull(deployments.deletedAt),
      ),
    )
    .orderBy(desc(deployments.updatedAt))
    .limit(1);
  if (row) return explainStatus(row);
  const message = "This model has no production deployment: deploy a version to production.";
  return { error: new AppError("not_found", message), mayBeServing: false };
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
