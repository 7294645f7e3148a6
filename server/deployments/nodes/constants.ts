/** The channel on which changes of the registered nodes are told. */
export const NODES_CHANNEL = "modelyard_nodes";

/** How often a node says that it is there, milliseconds. */
export const HEARTBEAT_MS = 2_000;
/** A node that was silent for this long gets no traffic until it speaks again, milliseconds. */
export const AWAY_AFTER_MS = 10_000;

/**
 * ready: takes models and traffic. draining: its models move elsewhere. drained: it holds none and
 * takes none. away: silent, no traffic; it comes back by itself.
 */
export const NODE_STATES = ["ready", "draining", "drained", "away"] as const;
export type NodeState = (typeof NODE_STATES)[number];

export const NODE_DEVICES = ["cpu", "cuda"] as const;
export type NodeDevice = (typeof NODE_DEVICES)[number];

/** Announced by nodes that are kept for one deployment, with its id. */
export const KEPT_FOR_LABEL = "modelyard.dev/deployment";
