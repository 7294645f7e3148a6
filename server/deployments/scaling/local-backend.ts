import type { Database } from "@/db/client";
import { NODE_GROUP_LABEL } from "../constants";
import { AWAY_AFTER_MS } from "../nodes/constants";
import type { NodePool } from "../nodes/node-pool";
import { matchesSelector } from "../nodes/placement";
import type { DesiredScale, ScalingBackend } from "./backend";
import { createFixedBackend } from "./fixed-backend";
import { type LocalNode, type NodesMessage, planNodes } from "./local-nodes";

/** How long fewer nodes must do before one is emptied: starting one costs more, milliseconds. */
const SPARED_MS = 60_000;
/** A node that was silent for this long has ended or starts at another address, milliseconds. */
const FORGET_MS = 3 * AWAY_AFTER_MS;

interface LocalOptions {
  db: Database;
  pool: Pick<NodePool, "fitting" | "members">;
  /** Nodes at most, the one that always runs among them. */
  nodesMax: number;
  /** Names the supervisor's further nodes. */
  group: string;
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

/**
 * Starts further node processes on this machine, by way of the supervisor, while a deployment wants
 * more replicas than there are nodes, and ends those that nothing needs any more.
 */
export function createLocalBackend(options: LocalOptions): ScalingBackend {
  const { db, pool, nodesMax, group, send, sparedMs = SPARED_MS } = options;
  const labels = { [NODE_GROUP_LABEL]: group };
  const isOurs = (of: Readonly<Record<string, string>>) => of[NODE_GROUP_LABEL] === group;
  const room = nodesMax - 1;
  let surplusSinceMs: number | undefined;

  /** Nodes that fit beside those that we start. */
  const othersFor = ({ nodeSelector }: Pick<DesiredScale, "nodeSelector">): number =>
    pool.fitting(nodeSelector).filter((one) => one.isUsable && !isOurs(one.labels)).length;

  const neededFor = (all: readonly DesiredScale[]): number => {
    const lacking = all
      .filter(({ nodeSelector }) => matchesSelector(labels, nodeSelector))
      .map((desired) => desired.replicas + desired.surge - othersFor(desired));
    return Math.min(room, Math.max(0, ...lacking));
  };

  const settle = async (all: readonly DesiredScale[]): Promise<void> => {
    const needed = neededFor(all);
    const nodes = await readNodes(db, isOurs);
    const serving = nodes.filter((one) => !one.isAway && !one.isDraining).length;
    if (serving > needed) surplusSinceMs ??= Date.now();
    else surplusSinceMs = undefined;
    const isOld = surplusSinceMs !== undefined && Date.now() - surplusSinceMs >= sparedMs;
    const { count, stop, drain, resume, forget } = planNodes(nodes, needed, isOld);
    for (const id of drain) await db.pool.query("select set_node_draining($1, true)", [id]);
    for (const id of resume) await db.pool.query("select set_node_draining($1, false)", [id]);
    for (const id of forget) await db.pool.query("select remove_node($1)", [id]);
    send({ type: "nodes", count, stop });
  };

  const fixed = createFixedBackend(pool);
  return {
    ...fixed,
    name: "local",
    ownsNodes: true,
    capacity: (desired) =>
      othersFor(desired) + (matchesSelector(labels, desired.nodeSelector) ? room : 0),
    settle,
  };
}

async function readNodes(
  db: Database,
  isOurs: (labels: Record<string, string>) => boolean,
): Promise<LocalNode[]> {
  const { rows } = await db.pool.query<Row>({
    name: "list_nodes",
    text: "select * from list_nodes()",
  });
  return rows
    .filter(({ labels, silent_ms: ms }) => isOurs(labels) && (ms < AWAY_AFTER_MS || ms > FORGET_MS))
    .map(({ id, url, draining, drained, silent_ms: ms }) => ({
      id,
      url,
      isDraining: draining,
      isDrained: drained === true,
      isAway: ms > FORGET_MS,
    }));
}
