import type { NodeModel } from "@/server/kernel/ports";
import { type NodeMember, nodeModelName, parseModelName } from "./node-member";
import type { NodePool } from "./node-pool";

export interface Wanted {
  model: NodeModel;
  replicas: number;
}

/**
 * Gives nodes that came back empty the versions they should hold, so that the next request finds
 * them; then takes versions off nodes that are no home of theirs (they stood in for another, or are
 * being drained) once every home holds them. What a node cannot load now it is asked again with the
 * next call.
 */
export async function keepLoaded(pool: NodePool, wanted: readonly Wanted[]): Promise<void> {
  const homes = homesByName(pool, wanted);
  const members = pool.members.filter(({ isUsable }) => isUsable);
  const held = new Map(
    await Promise.all(
      members.map(async (member) => [member, await restore(member, wanted, homes)] as const),
    ),
  );
  await Promise.all(members.map((member) => release(member, held.get(member) ?? [], homes)));
}

/** One version may be served by several deployments, each with homes of its own. */
function homesByName(pool: NodePool, wanted: readonly Wanted[]): Map<string, Set<NodeMember>> {
  const homes = new Map<string, Set<NodeMember>>();
  for (const { model, replicas } of wanted) {
    const name = nodeModelName(model);
    const known = homes.get(name) ?? new Set();
    for (const member of pool.homesOf(model, replicas)) known.add(member);
    homes.set(name, known);
  }
  return homes;
}

/** Loads what is missing; answers what the node held before, nothing when it is gone again. */
async function restore(
  member: NodeMember,
  wanted: readonly Wanted[],
  homes: Map<string, Set<NodeMember>>,
): Promise<Iterable<string>> {
  try {
    const known = await member.readIndex();
    for (const { model } of wanted) {
      const name = nodeModelName(model);
      if (!homes.get(name)?.has(member)) continue;
      if (known.has(name) && member.isConfigured(model)) continue;
      await member.load(model).catch(() => undefined);
    }
    return known;
  } catch {
    return [];
  }
}

async function release(
  member: NodeMember,
  held: Iterable<string>,
  homes: Map<string, Set<NodeMember>>,
): Promise<void> {
  for (const name of held) {
    const others = homes.get(name);
    // What nothing asks for may be kept for a rollback, but not on a node that is to be empty.
    const isSurplus = others
      ? others.size > 0 && !others.has(member) && everyHomeHolds(others, name)
      : member.facts.isDraining && parseModelName(name) !== undefined;
    if (isSurplus) await member.unload(name).catch(() => undefined);
  }
}

function everyHomeHolds(homes: Set<NodeMember>, name: string): boolean {
  const reachable = [...homes].filter((one) => one.isUsable);
  return reachable.length > 0 && reachable.every((one) => one.holds(name));
}
