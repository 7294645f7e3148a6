import { and, eq, isNull } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { apiKeys, grants, members, models } from "@/db/schema";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError, invalid, notFound } from "@/server/kernel/errors";
import { isUuid, newId } from "@/server/kernel/ids";
import { toGrantDto } from "./list-grants";
import { requirePermission } from "./require-permission";
import { loadRole } from "./role-in-workspace";
import { createGrantInput, type grantDto } from "./schemas";

type Values = z.output<typeof createGrantInput>;

/**
 * Lets one more grantee write or deploy a model, or deploy to an environment. The first grant
 * closes the subject for everybody else but administrators. Throws conflict for a repeated one.
 */
export async function createGrant(
  ctx: Context,
  input: z.input<typeof createGrantInput>,
): Promise<z.infer<typeof grantDto>> {
  requirePermission(ctx, "members:write");
  const values = createGrantInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    await requireSubject(tx, ctx, values);
    await requireGrantee(tx, ctx, values);
    await requireNew(tx, ctx, values);
    const [row] = await tx
      .insert(grants)
      .values({
        ...values,
        workspaceId: ctx.workspaceId,
        id: newId(ctx.now().getTime()),
        createdAt: ctx.now(),
      })
      .returning();
    if (!row) throw new Error("insert returned no row");
    const after = toGrantDto(row);
    await recordAudit(tx, ctx, {
      action: "grant.created",
      subjectType: "grant",
      subjectId: row.id,
      after,
    });
    await announceChange(tx, ctx, "access", row.id);
    return after;
  });
}

async function requireSubject(tx: Transaction, ctx: Context, { modelId }: Values): Promise<void> {
  if (modelId === null) return;
  // Locked: of two first grants for one model, the second sees the first.
  const [model] = await tx
    .select({ id: models.id })
    .from(models)
    .where(
      and(
        eq(models.workspaceId, ctx.workspaceId),
        eq(models.id, modelId),
        isNull(models.deletedAt),
      ),
    )
    .for("update");
  if (!model) throw notFound("The model");
}

async function requireGrantee(tx: Transaction, ctx: Context, values: Values): Promise<void> {
  const { granteeType, grantee } = values;
  if (granteeType === "role") {
    await loadRole(tx, ctx, grantee);
    return;
  }
  const unknown = () =>
    invalid("There is nobody to grant this to.", [{ path: "grantee", message: "is not known" }]);
  if (!isUuid(grantee)) throw unknown();
  const [found] =
    granteeType === "user"
      ? await tx
          .select({ id: members.userId })
          .from(members)
          .where(and(eq(members.workspaceId, ctx.workspaceId), eq(members.userId, grantee)))
      : await tx
          .select({ id: apiKeys.id })
          .from(apiKeys)
          .where(and(eq(apiKeys.workspaceId, ctx.workspaceId), eq(apiKeys.id, grantee)));
  if (!found) throw unknown();
}

async function requireNew(tx: Transaction, ctx: Context, values: Values): Promise<void> {
  const { modelId, environment, action, granteeType, grantee } = values;
  const [same] = await tx
    .select({ id: grants.id })
    .from(grants)
    .where(
      and(
        eq(grants.workspaceId, ctx.workspaceId),
        modelId ? eq(grants.modelId, modelId) : isNull(grants.modelId),
        environment ? eq(grants.environment, environment) : isNull(grants.environment),
        eq(grants.action, action),
        eq(grants.granteeType, granteeType),
        eq(grants.grantee, grantee),
      ),
    );
  if (same) throw new AppError("conflict", "This grant exists already.");
}
