import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { erasures } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { byDate, keyset, type Page, toPage } from "@/server/kernel/paging";
import { type ErasureDto, listErasuresInput } from "./schemas";
import { toErasureDto } from "./to-dto";

/** Proofs of what was erased, newest first unless asked otherwise. */
export async function listErasures(
  ctx: Context,
  input: z.input<typeof listErasuresInput>,
): Promise<Page<ErasureDto>> {
  requirePermission(ctx, "privacy:export");
  const query = listErasuresInput.parse(input);
  const page = keyset(byDate(erasures.createdAt), erasures.id, query);
  const rows = await withWorkspace(ctx, (tx) =>
    tx
      .select()
      .from(erasures)
      .where(and(eq(erasures.workspaceId, ctx.workspaceId), page.where))
      .orderBy(...page.orderBy)
      .limit(query.limit + 1),
  );
  return toPage(rows, query.limit, (row) => [row.createdAt.toISOString(), row.id], toErasureDto);
}
