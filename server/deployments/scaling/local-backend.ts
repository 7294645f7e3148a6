import type { Database } from "@/db/client";
import { LOCAL_NODE_KINDS, type LocalNodeKind, NODE_GROUP_LABEL } from "../constants";
import { AWAY_AFTER_MS } from "../nodes/constants";
import type { DesiredScale, ScalingBackend } from "./backend";
import { createFixedBackend } from "./fixed-backend";
import { LocalDemand, type LocalDemandOptions } from "./local-demand";
import { type LocalNode, type NodesMessage, planNodes } from "./local-nodes";

/** How long fewer nodes must do before one is emptied: starting one costs more, milliseconds. */
const SPARED_MS = 60_000;
/** A node that was silent for this long has ended or starts at another address, milliseconds. */
const FORGET_MS = 3 * AWAY_AFTER_MS;

interface LocalOptions extends LocalDemandOptions {
  db: Database;
  send: (message: NodesMessage) => void;
  sparedMs?: number;
}

interface Row {
  id: string;
  url: string;
  labels: Record<string, string>;
  draining: boolean;
  drained: boolean | null;
  silent_ms: number;
}

interface KnownNode extends LocalNode {
  kind: LocalNodeKind;
}

/**
 * Starts further node processes on this machine, by way of the supervisor, while a deployment wants
 * more replicas than there are nodes, and ends those that nothing needs any more; Python nodes for
 * what they alone run.
 */
export function createLocalBackend(options: LocalOptions): ScalingBackend {
  const { db, pool, group, send, sparedMs = SPARED_MS } = options;
  const demand = new LocalDemand(options);
  const surplusSinceMs = new Map<LocalNodeKind, number>();

  /** Whether fewer have done for long enough. */
  const isSurplusOld = (kind: LocalNodeKind, serving: number, needed: number): boolean => {
    const sinceMs = surplusSinceMs.get(kind) ?? Date.now();
    if (serving > needed) surplusSinceMs.set(kind, sinceMs);
    else surplusSinceMs.delete(kind);
    return serving > needed && Date.now() - sinceMs >= sparedMs;
  };

  const settle = async (all: readonly DesiredScale[]): Promise<void> => {
    const known = await readNodes(db, group);
    for (const kind of LOCAL_NODE_KINDS) {
      const nodes = known.filter((one) => one.kind === kind);
      const serving = nodes.filter((one) => !one.isAway && !one.isDraining).length;
      const needed = demand.needed(kind, all);
      const plan = planNodes(nodes, needed, isSurplusOld(kind, serving, needed));
      const { count, stop, drain, resume, forget } = plan;
      for (const id of drain) await db.pool.query("select set_node_draining($1, true)", [id]);
      for (const id of resume) await db.pool.query("select set_node_draining($1, false)", [id]);
      for (const id of forget) await db.pool.query("select remove_node($1)", [id]);
      send({ type: "nodes", kind, count, stop });
    }
  };

  return {
    ...createFixedBackend(pool),
    name: "local",
    ownsNodes: true,
    capacity: (desired) => demand.capacity(desired),
    settle,
  };
}

async function readNodes(db: Database, group: string): Promise<KnownNode[]> {
  const { rows } = await db.pool.query<Row>({
    name: "list_nodes",
    text: "select * from list_nodes()",
  });
  return rows
    .filter(({ labels }) => labels[NODE_GROUP_LABEL] === group)
    .filter(({ silent_ms: ms }) => ms < AWAY_AFTER_MS || ms > FORGET_MS)
    .map(({ id, url, labels, draining, drained, silent_ms: ms }) => ({
      id,
      url,
      kind: labels.runtime === "python" ? "python" : "node",
      isDraining: draining,
      isDrained: drained === true,
      isAway: ms > FORGET_MS,
    }));
}
