import { sql } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { getNodeById, requireInstallation } from "./internal";
import { type NodeDto, nodeParams } from "./schemas";

type NodeRef = z.input<typeof nodeParams>;

/**
 * Empties a node: it gets no new models, and gives up each one it has once that is loaded elsewhere.
 * Throws not_found, forbidden for who does not run the installation.
 */
export const drainNode = (ctx: Context, input: NodeRef): Promise<NodeDto> =>
  setDraining(ctx, input, true);

/** Lets a node take models again. Throws as draining does. */
export const resumeNode = (ctx: Context, input: NodeRef): Promise<NodeDto> =>
  setDraining(ctx, input, false);

async function setDraining(ctx: Context, input: NodeRef, draining: boolean): Promise<NodeDto> {
  requirePermission(ctx, "nodes:write");
  const { node: id } = nodeParams.parse(input);
  return withWorkspace(ctx, async (tx) => {
    await requireInstallation(tx, ctx);
    const before = await getNodeById(tx, id);
    await tx.execute(sql`select set_node_draining(${id}, ${draining})`);
    const after = await getNodeById(tx, id);
    await recordAudit(tx, ctx, {
      action: draining ? "node.draining" : "node.resumed",
      subjectType: "node",
      subjectId: id,
      before: { state: before.state },
      after: { url: after.url, state: after.state },
    });
    await announceChange(tx, ctx, "nodes", id);
    return after;
  });
}
