import type { NodeModel } from "@/server/kernel/ports";
import { nodeModelName } from "./node-member";
import type { NodePool } from "./node-pool";

export interface Wanted {
  model: NodeModel;
  replicas: number;
}

/**
 * Gives nodes that came back empty the versions they should hold, so that the next request finds
 * them. What a node cannot load now it is asked again with the next call.
 */
export async function keepLoaded(pool: NodePool, wanted: readonly Wanted[]): Promise<void> {
  for (const member of pool.members) {
    const own = wanted.filter(({ model, replicas }) =>
      pool.homesOf(model.versionId, replicas).includes(member),
    );
    if (!member.isReachable || own.length === 0) continue;
    try {
      const known = new Set((await member.client.index()).map((entry) => entry.name));
      for (const { model } of own) {
        if (!known.has(nodeModelName(model))) await member.load(model).catch(() => undefined);
      }
    } catch {
      // The node is gone again: the pool's probes say so.
    }
  }
}
