import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import type { InferenceNodes, NodeModel } from "@/server/kernel/ports";

/** The inference nodes of this process. Throws unavailable where there are none. */
export function nodesOf(ctx: Pick<Context, "ports">): InferenceNodes {
  if (!ctx.ports.nodes) {
    throw new AppError("unavailable", "This process reaches no inference node.");
  }
  return ctx.ports.nodes;
}

/**
 * Second step of a roll-out: puts the version on inference nodes, which check its digest and warm it
 * up. Writes nothing of ours, so repeating it is harmless. Throws invalid when a node refuses it.
 */
export async function loadVersion(
  ctx: Context,
  model: NodeModel,
  replicas: number,
): Promise<{ loaded: number }> {
  requirePermission(ctx, "deployments:write");
  return { loaded: await nodesOf(ctx).load(model, replicas) };
}
