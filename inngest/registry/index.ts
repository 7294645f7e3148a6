import type { FunctionDeps } from "../function-deps";
import { expireRequestedApproval } from "./expire-approval";

/** Background work on models and their versions. */
export const registryFunctions = (deps: FunctionDeps) => [expireRequestedApproval(deps)];
