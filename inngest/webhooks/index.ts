import type { FunctionDeps } from "../function-deps";
import { deliver } from "./deliver";
import { queueModelChanges, queueVersionChanges } from "./queue";

/** Messages to addresses outside; the contexts of `deps` must hold the secrets and the guard. */
export const webhookFunctions = (deps: FunctionDeps) => [
  queueModelChanges(deps),
  queueVersionChanges(deps),
  deliver(deps),
];
