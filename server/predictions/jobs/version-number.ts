import { and, eq } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { modelVersions } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";

/** The number people know a version by. Throws not_found. */
export async function getVersionNumber(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  versionId: string,
): Promise<number> {
  const [row] = await tx
    .select({ number: modelVersions.number })
    .from(modelVersions)
    .where(and(eq(modelVersions.workspaceId, ctx.workspaceId), eq(modelVersions.id, versionId)));
  if (!row) throw notFound("The version");
  return row.number;
}
