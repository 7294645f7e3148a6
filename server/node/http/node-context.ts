import type { ModelStore } from "@/server/node/models/model-store";
import type { NodeLog } from "@/server/node/node-log";

/** What the routes of the node need. */
export type NodeContext = {
  store: ModelStore;
  bodyBytesMax: number;
  log: NodeLog;
  /** False from the moment the node begins to stop. */
  isReady: () => boolean;
};
