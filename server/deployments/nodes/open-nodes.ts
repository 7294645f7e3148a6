import type { Runtime } from "@/server/runtime";
import { NodePool } from "./node-pool";

/** Gives a process its inference nodes: verbs, jobs and the gateway find them in the ports. */
export function openNodes(
  runtime: Pick<Runtime, "ports" | "log">,
  options: { urls: string[]; token?: string | undefined },
): NodePool {
  const nodes = new NodePool({
    ...options,
    objects: runtime.ports.objects,
    log: runtime.log,
  }).start();
  runtime.ports.nodes = nodes;
  return nodes;
}
