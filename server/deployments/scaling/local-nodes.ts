import type { LocalNodeKind } from "../constants";

/** What the supervisor is told; again and again, so that either may be killed and start anew. */
export interface NodesMessage {
  type: "nodes";
  kind: LocalNodeKind;
  /** Further nodes that should run; more are not ended by this. */
  count: number;
  /** Addresses of further nodes that hold nothing any more and shall end. */
  stop: string[];
}

/** One of the supervisor's further nodes, as it announced itself. */
export interface LocalNode {
  id: string;
  url: string;
  isDraining: boolean;
  /** It said that it holds nothing any more. */
  isDrained: boolean;
  isAway: boolean;
}

/** What is to be done so that `needed` further nodes serve. */
export interface NodesPlan extends Pick<NodesMessage, "count" | "stop"> {
  drain: string[];
  resume: string[];
  /** Registrations of nodes that ended. */
  forget: string[];
}

/**
 * Nodes that are no longer needed are emptied, and end once they hold nothing; one that is needed
 * again before takes models again. A surplus that is young is left alone. Pure.
 */
export function planNodes(
  nodes: readonly LocalNode[],
  needed: number,
  isSurplusOld: boolean,
): NodesPlan {
  const alive = nodes.filter((one) => !one.isAway);
  const serving = alive.filter((one) => !one.isDraining);
  const draining = alive.filter((one) => one.isDraining);
  const missing = Math.max(0, needed - serving.length);
  const resumed = draining.slice(0, missing);
  const surplus = isSurplusOld ? serving.slice(needed) : [];
  const ended = draining.slice(missing).filter((one) => one.isDrained);
  return {
    count: needed,
    stop: ended.map((one) => one.url),
    drain: surplus.map((one) => one.id),
    resume: resumed.map((one) => one.id),
    forget: nodes.filter((one) => one.isAway).map((one) => one.id),
  };
}
