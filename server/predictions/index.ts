export { INFER_BYTES_MAX } from "./constants";
export { PredictionGateway, type RunOptions } from "./gateway/gateway";
export { createPredictionPort } from "./gateway/prediction-port";
export type { Route, Variant } from "./gateway/routing-table";
export {
  authenticateCaller,
  authenticateKey,
  type Caller,
  decodeSegment,
  errorHead,
  type Lane,
  readLaneBody,
  send,
} from "./lane/lane-http";
export { createPredictLane } from "./lane/predict-lane";
export { listPredictions } from "./list-predictions";
export { openPredictions } from "./open-predictions";
export { predict } from "./predict";
