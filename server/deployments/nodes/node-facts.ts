import type { NodeSelector } from "./placement";

/** What a node announced of itself, as placement needs it. */
export interface NodeFacts {
  /** Of its registration; null for a node that is only set by its URL. */
  id: string | null;
  labels: NodeSelector;
  /** GiB of models it takes. */
  weight: number;
  /** Takes no new models and gives up those it has. */
  isDraining: boolean;
  /** Has been silent for too long. */
  isAway: boolean;
}

/** A node as the table of registered nodes tells it. */
export interface RegisteredNode extends NodeFacts {
  id: string;
  url: string;
}

/** As if it had the default cache. */
export const UNKNOWN_NODE: NodeFacts = {
  id: null,
  labels: {},
  weight: 2,
  isDraining: false,
  isAway: false,
};
