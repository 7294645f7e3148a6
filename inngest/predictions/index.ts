import type { FunctionDeps } from "../function-deps";
import { runBatchJob } from "./run-batch-job";

/** Background work on predictions; the contexts of `deps` must reach the inference nodes. */
export const predictionFunctions = (deps: FunctionDeps) => [runBatchJob(deps)];
