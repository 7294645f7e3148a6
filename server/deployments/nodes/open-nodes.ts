import type { Runtime } from "@/server/runtime";
import { followNodes } from "./follow-nodes";
import { NodePool } from "./node-pool";

/**
 * Gives a process its inference nodes: verbs, jobs and the gateway find them in the ports. They are
 * those set by URL and those that register.
 */
export function openNodes(
  runtime: Pick<Runtime, "db" | "ports" | "log">,
  options: { urls: string[]; token?: string | undefined },
): NodePool {
  const { db, ports, log } = runtime;
  const { outbound, secrets, objects } = ports;
  const remote = outbound && secrets ? { outbound, secrets } : undefined;
  const nodes = new NodePool({ ...options, objects, log, remote }).start();
  nodes.followed = followNodes(db, nodes, log);
  ports.nodes = nodes;
  return nodes;
}
