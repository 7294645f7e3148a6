import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { mayManageNodes, registeredNodes } from "./internal";
import type { NodeDto, NodeList } from "./schemas";

/** Every inference node: those that registered, then those that are only set by their URL. */
export async function listNodes(ctx: Context): Promise<NodeList> {
  requirePermission(ctx, "nodes:read");
  const { registered, canManage } = await withWorkspace(ctx, async (tx) => ({
    registered: await registeredNodes(tx),
    canManage: await mayManageNodes(tx, ctx),
  }));
  const known = new Set(registered.map(({ url }) => url));
  const set = (ctx.ports.nodes?.addresses() ?? []).filter(({ url }) => !known.has(url));
  return { items: [...registered, ...set.map(unregistered)], nextCursor: null, canManage };
}

const unregistered = ({ url, reachable }: { url: string; reachable: boolean }): NodeDto => ({
  id: null,
  name: new URL(url).host,
  url,
  state: reachable ? "ready" : "away",
  labels: {},
  device: null,
  memoryBytes: null,
  modelsMax: null,
  version: null,
  load: null,
  registeredAt: null,
  lastSeenAt: null,
});
