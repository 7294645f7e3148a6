import { eq, sql } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { workspaces } from "@/db/schema";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { personOf } from "./create-workspace";
import { getOwnWorkspace, toWorkspaceDto } from "./own-workspace";
import { requirePermission } from "./require-permission";
import { type workspaceDto, workspaceInput } from "./schemas";

interface ArchivedRow extends Record<string, unknown> {
  id: string;
  slug: string;
  name: string;
  archived_at: Date;
}

/** Archived workspaces the caller administers. */
export async function listArchivedWorkspaces(
  ctx: Context,
): Promise<{ items: z.infer<typeof workspaceDto>[] }> {
  requirePermission(ctx, "workspace:write");
  const userId = personOf(ctx);
  const rows = await withWorkspace(ctx, async (tx) => {
    const found = await tx.execute<ArchivedRow>(
      sql`select * from list_archived_workspaces(${userId})`,
    );
    return found.rows;
  });
  return {
    items: rows.map(({ id, slug, name, archived_at }) => ({
      id,
      slug,
      name,
      archivedAt: new Date(archived_at).toISOString(),
    })),
  };
}

/** Brings an archived workspace back. Throws not_found unless the caller administers it. */
export async function restoreWorkspace(
  ctx: Context,
  input: z.input<typeof workspaceInput>,
): Promise<z.infer<typeof workspaceDto>> {
  requirePermission(ctx, "workspace:write");
  const { slug } = workspaceInput.parse(input);
  const { items } = await listArchivedWorkspaces(ctx);
  const target = items.find((one) => one.slug === slug);
  if (!target) throw notFound("The archived workspace");
  const inside: Context = { ...ctx, workspaceId: target.id };
  return withWorkspace(inside, async (tx) => {
    const before = await getOwnWorkspace(tx, inside);
    await tx.update(workspaces).set({ archivedAt: null }).where(eq(workspaces.id, target.id));
    await recordAudit(tx, inside, {
      action: "workspace.restored",
      subjectType: "workspace",
      subjectId: target.id,
      before: toWorkspaceDto(before),
    });
    await announceChange(tx, inside, "access", target.id);
    return toWorkspaceDto({ ...before, archivedAt: null });
  });
}
