import { createPredictLane, type Lane } from "@/server/predictions";
import { createOpenInferenceLane, type LaneOptions } from "./open-inference-lane";

export type { LaneOptions };

/**
 * The prediction lane of the web process, on the bare Node request: by feature name under /api/v1
 * and the Open Inference Protocol under /v2. Answers false for every other path.
 */
export function createPredictionLane(options: LaneOptions): Lane {
  const predict = createPredictLane(options);
  const openInference = createOpenInferenceLane(options);
  return (req, res) => predict(req, res) || openInference(req, res);
}
