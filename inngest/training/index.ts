import type { FunctionDeps } from "../function-deps";
import { registerTrainedVersion } from "./register-version";
import { submitTrainingJob } from "./submit-job";

/** From a requested job to a registered version; the time between belongs to the queue. */
export const trainingFunctions = (deps: FunctionDeps) => [
  submitTrainingJob(deps),
  registerTrainedVersion(deps),
];
