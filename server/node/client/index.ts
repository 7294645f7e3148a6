export {
  createNodeClient,
  type InferAnswer,
  type InferOptions,
  type InferTimings,
  type LoadOptions,
  type NodeClient,
  type NodeClientOptions,
} from "./node-client";
export {
  CallAbandoned,
  NodeFailed,
  NodeOverloaded,
  NodeRejected,
  NodeTimeout,
  NodeUnavailable,
} from "./node-errors";
