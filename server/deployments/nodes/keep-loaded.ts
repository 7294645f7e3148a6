import type { NodeModel } from "@/server/kernel/ports";
import { type NodeMember, nodeModelName, parseModelName } from "./node-member";
import type { NodePool } from "./node-pool";

export interface Wanted {
  model: NodeModel;
  replicas: number;
}

/**
 * Gives nodes that came back empty the versions they should hold, so that the next request finds
 * them, and empties nodes that are being drained once every home of a version holds it. What a node
 * cannot load now it is asked again with the next call.
 */
export async function keepLoaded(pool: NodePool, wanted: readonly Wanted[]): Promise<void> {
  const homes = new Map(
    wanted.map(({ model, replicas }) => [nodeModelName(model), pool.homesOf(model, replicas)]),
  );
  await Promise.all(pool.members.map((member) => restore(pool, member, wanted)));
  const draining = pool.members.filter(({ facts, isUsable }) => facts.isDraining && isUsable);
  await Promise.all(draining.map((member) => empty(member, homes)));
}

async function restore(
  pool: NodePool,
  member: NodeMember,
  wanted: readonly Wanted[],
): Promise<void> {
  const own = wanted.filter(({ model, replicas }) =>
    pool.homesOf(model, replicas).includes(member),
  );
  if (!member.isUsable || own.length === 0) return;
  try {
    const known = await member.readIndex();
    for (const { model } of own) {
      if (known.has(nodeModelName(model)) && member.isConfigured(model)) continue;
      await member.load(model).catch(() => undefined);
    }
  } catch {
    // The node is gone again: the pool's probes say so.
  }
}

async function empty(member: NodeMember, homes: Map<string, NodeMember[]>): Promise<void> {
  try {
    for (const name of await member.readIndex()) {
      const others = homes.get(name) ?? [];
      // Where it is the only node that fits, it keeps what nobody else can take.
      if (others.includes(member) || !parseModelName(name)) continue;
      const reachable = others.filter((one) => one.isUsable);
      if (others.length > 0 && !reachable.some((one) => one.holds(name))) continue;
      if (reachable.every((one) => one.holds(name))) await member.unload(name);
    }
  } catch {
    // As above.
  }
}
