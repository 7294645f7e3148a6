import { datasetGuards } from "@/server/datasets";
import { modelDeletionGuards } from "@/server/registry";
import { keepDatasetInUse, keepModelInUse } from "./deletion-guards";

export { cancelJob } from "./cancel-job";
export { listConversions } from "./conversions/list-conversions";
export { requestConversion } from "./conversions/request-conversion";
export { runConversion } from "./conversions/run-conversion";
export { readExperimentLogs } from "./experiment-logs/read-experiment-logs";
export { failJob } from "./fail-job";
export { getEnvironment } from "./get-environment";
export { getJob } from "./get-job";
export { getOutcome } from "./get-outcome";
export { listAlgorithms } from "./list-algorithms";
export { listJobs } from "./list-jobs";
export { readLogs } from "./read-logs";
export { registerResult } from "./register-result";
export type { JobDto } from "./schemas";
export { startTraining } from "./start-training";
export { submitJob } from "./submit-job";

datasetGuards.push(keepDatasetInUse);
modelDeletionGuards.push(keepModelInUse);
