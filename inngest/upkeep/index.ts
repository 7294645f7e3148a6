import type { FunctionDeps } from "../function-deps";
import { pruneDatabase } from "./prune-database";
import { pruneFolders } from "./prune-folders";

/** What keeps an installation from growing for ever. */
export const upkeepFunctions = (deps: FunctionDeps) => [pruneDatabase(deps), pruneFolders(deps)];
