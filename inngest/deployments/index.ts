import type { FunctionDeps } from "../function-deps";
import { cleanUp } from "./clean-up";
import { measureTrafficEffect } from "./measure-effect";
import { rollOut } from "./roll-out";

/** Background work on deployments; the contexts of `deps` must reach the inference nodes. */
export const deploymentFunctions = (deps: FunctionDeps) => [
  rollOut(deps),
  measureTrafficEffect(deps),
  cleanUp(deps),
];
