import type { FunctionDeps } from "../function-deps";
import { expireRequestedApproval } from "./expire-approval";
import { runBenchmark } from "./run-benchmark";

/** Background work on models and their versions; benchmarks need contexts that reach the nodes. */
export const registryFunctions = (deps: FunctionDeps) => [
  expireRequestedApproval(deps),
  runBenchmark(deps),
];
