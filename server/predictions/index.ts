export { archivePredictions } from "./archives/archive-predictions";
export { expireArchives } from "./archives/expire-archives";
export {
  countInArchives,
  eraseFromArchives,
  type FoundInArchives,
  findInArchives,
} from "./archives/personal-archives";

import "./jobs/deletion-guards";

export { batchPredict } from "./batch/batch-predict";
export { INFER_BYTES_MAX } from "./constants";
export { getPrediction } from "./explorer/get-prediction";
export { listPredictions } from "./explorer/list-predictions";
export { isPinned, unitOf } from "./gateway/choose-variant";
export { type GatewayAnswer, measuredOf, replyHeaders } from "./gateway/deployment-flow";
export { PredictionGateway, type RunOptions } from "./gateway/gateway";
export { isUnit } from "./gateway/parse-body";
export { createPredictionPort } from "./gateway/prediction-port";
export type { Route, Variant } from "./gateway/routing-table";
export { expireResults } from "./jobs/expire-results";
export { countInResults, eraseFromResults, findInResults } from "./jobs/personal-results";
export { beginBatchRun } from "./jobs/run/begin-run";
export { failBatchRun } from "./jobs/run/fail-run";
export { runBatchTurn } from "./jobs/run/run-turn";
export {
  authenticateCaller,
  authenticateKey,
  type Caller,
  decodeSegment,
  departureOf,
  errorHead,
  headerOf,
  type Lane,
  readLaneBody,
  send,
} from "./lane/lane-http";
export { createPredictLane } from "./lane/predict-lane";
export { openPredictions } from "./open-predictions";
export { recordOutcomes } from "./outcomes/record-outcomes";
export { predict } from "./predict";
export { getPredictionQuality } from "./quality/get-quality";
export { getPredictionRetention } from "./retention/get-retention";
export { getPredictionStorage } from "./retention/get-storage";
export { setPredictionRetention } from "./retention/set-retention";
export { getShadowComparison } from "./shadow/get-shadow-comparison";
