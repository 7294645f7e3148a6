export { INFER_BYTES_MAX } from "./constants";
export { unitOf } from "./gateway/choose-variant";
export { type GatewayAnswer, replyHeaders } from "./gateway/deployment-flow";
export { PredictionGateway, type RunOptions } from "./gateway/gateway";
export { isUnit } from "./gateway/parse-body";
export { createPredictionPort } from "./gateway/prediction-port";
export type { Route, Variant } from "./gateway/routing-table";
export {
  authenticateCaller,
  authenticateKey,
  type Caller,
  decodeSegment,
  errorHead,
  headerOf,
  type Lane,
  readLaneBody,
  send,
} from "./lane/lane-http";
export { createPredictLane } from "./lane/predict-lane";
export { listPredictions } from "./list-predictions";
export { openPredictions } from "./open-predictions";
export { predict } from "./predict";
