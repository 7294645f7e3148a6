import type { z } from "zod";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { newId } from "@/server/kernel/ids";
import { HEARTBEAT_MS } from "./constants";
import { announceInput, type announceReply } from "./schemas";

/** Nodes belong to no workspace: instead of a permission they show the installation's node token. */
export function requireNodeToken(ctx: Pick<Context, "ports">, token: string | undefined): void {
  if (ctx.ports.nodes?.isToken(token)) return;
  throw new AppError("unauthenticated", "The node token is missing or wrong.");
}

/**
 * Takes a node's word that it is there, or that it ends; the first one registers it.
 * Throws unauthenticated without the node token.
 */
export async function announceNode(
  ctx: Context,
  input: z.input<typeof announceInput> & { token: string | undefined },
): Promise<z.infer<typeof announceReply>> {
  const { token, ...said } = input;
  requireNodeToken(ctx, token);
  const values = announceInput.parse(said);
  const id = newId(ctx.now().getTime());
  const { rows } = await ctx.db.pool.query<{ id: string; draining: boolean }>({
    name: "announce_node",
    text: "select * from announce_node($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    values: [
      id,
      values.url,
      JSON.stringify(values.labels),
      values.device,
      values.memoryBytes,
      values.modelsMax,
      values.version,
      JSON.stringify(values.load),
      values.leaving,
    ],
  });
  const [node = { id, draining: false }] = rows;
  return { ...node, heartbeatMs: HEARTBEAT_MS };
}
