import { and, asc, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { grants } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { requirePermission } from "./require-permission";
import { type grantDto, listGrantsInput } from "./schemas";

type GrantDto = z.infer<typeof grantDto>;

export const toGrantDto = (row: typeof grants.$inferSelect): GrantDto => ({
  id: row.id,
  modelId: row.modelId,
  environment: row.environment,
  action: row.action,
  granteeType: row.granteeType,
  grantee: row.grantee,
  createdAt: row.createdAt.toISOString(),
});

/** Grants, oldest first; of one model or environment when given. */
export async function listGrants(
  ctx: Context,
  input: z.input<typeof listGrantsInput> = {},
): Promise<{ items: GrantDto[] }> {
  requirePermission(ctx, "members:read");
  const { modelId, environment } = listGrantsInput.parse(input);
  const rows = await withWorkspace(ctx, (tx) =>
    tx
      .select()
      .from(grants)
      .where(
        and(
          eq(grants.workspaceId, ctx.workspaceId),
          modelId ? eq(grants.modelId, modelId) : undefined,
          environment ? eq(grants.environment, environment) : undefined,
        ),
      )
      .orderBy(asc(grants.createdAt), asc(grants.id))
      .limit(1000),
  );
  return { items: rows.map(toGrantDto) };
}
