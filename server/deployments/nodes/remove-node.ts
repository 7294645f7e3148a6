import { sql } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { getNodeById, requireInstallation } from "./internal";
import { nodeParams } from "./schemas";

/**
 * Forgets a node that is gone. Throws conflict for one that still speaks: it would register again.
 */
export async function removeNode(ctx: Context, input: z.input<typeof nodeParams>): Promise<void> {
  requirePermission(ctx, "nodes:write");
  const { node: id } = nodeParams.parse(input);
  await withWorkspace(ctx, async (tx) => {
    await requireInstallation(tx, ctx);
    const before = await getNodeById(tx, id);
    if (before.state !== "away") {
      throw new AppError("conflict", "The node is running: drain it and stop it first.");
    }
    await tx.execute(sql`select remove_node(${id})`);
    await recordAudit(tx, ctx, {
      action: "node.removed",
      subjectType: "node",
      subjectId: id,
      before: { url: before.url, state: before.state },
    });
    await announceChange(tx, ctx, "nodes", id);
  });
}
