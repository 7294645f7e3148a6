import type { Wanted } from "./keep-loaded";
import { nodeModelName } from "./node-member";
import type { NodePool } from "./node-pool";

/** Takes versions that are wanted on no node, by any deployment that serves them, off the nodes. */
export async function unloadIdle(pool: NodePool, wanted: readonly Wanted[]): Promise<void> {
  const replicas = new Map<string, number>();
  for (const one of wanted) {
    const name = nodeModelName(one.model);
    replicas.set(name, Math.max(one.replicas, replicas.get(name) ?? 0));
  }
  const idle = [...replicas].filter(([, most]) => most === 0).map(([name]) => name);
  await Promise.allSettled(
    pool.members.flatMap((member) =>
      idle.filter((name) => member.holds(name)).map((name) => member.unload(name)),
    ),
  );
}

/** Nodes that hold a version where it should be; a version that runs elsewhere is always there. */
export function heldBy(pool: NodePool, { model, replicas }: Wanted): number {
  if (model.remote) return replicas;
  const name = nodeModelName(model);
  return pool.homesOf(model, replicas).filter((one) => one.isUsable && one.holds(name)).length;
}
