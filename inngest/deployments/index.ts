import type { FunctionDeps } from "../function-deps";
import { cleanUp } from "./clean-up";
import { rollOut } from "./roll-out";

/** Background work on deployments; the contexts of `deps` must reach the inference nodes. */
export const deploymentFunctions = (deps: FunctionDeps) => [rollOut(deps), cleanUp(deps)];
