import type { Runtime } from "@/server/runtime";
import type { ScalingBackendName } from "../constants";
import { openKubernetesBackend } from "../kubernetes/open-kubernetes";
import type { NodePool } from "../nodes/node-pool";
import type { ScalingBackend } from "./backend";
import { createFixedBackend } from "./fixed-backend";
import { createLocalBackend } from "./local-backend";
import type { NodesMessage } from "./local-nodes";

export interface BackendOptions {
  runtime: Pick<Runtime, "db" | "log">;
  nodes: NodePool;
  /** Nodes of each kind at most on this machine. */
  nodesMax: number;
  /** Whether the supervisor runs Python nodes. */
  hasPython: boolean;
  /** Set by the supervisor; without it no process can be started. */
  group: string | undefined;
  /** To the supervisor. */
  send: ((message: NodesMessage) => void) | undefined;
}

const BACKENDS = {
  local: ({ runtime, nodes, group, send, ...options }) =>
    group && send
      ? createLocalBackend({ ...options, db: runtime.db, pool: nodes, group, send })
      : createFixedBackend(nodes),
  fixed: ({ nodes }) => createFixedBackend(nodes),
  kubernetes: ({ runtime }) => openKubernetesBackend(runtime.log),
} satisfies Record<ScalingBackendName, (options: BackendOptions) => ScalingBackend>;

/** The backend of a setting. */
export const openScalingBackend = (
  name: ScalingBackendName,
  options: BackendOptions,
): ScalingBackend => BACKENDS[name](options);
