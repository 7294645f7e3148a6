import type { FunctionDeps } from "../function-deps";
import { archiveLog } from "./archive-predictions";
import { checkpointAudit } from "./checkpoint-audit";
import { keepPredictions } from "./keep-predictions";
import { pruneDatabase } from "./prune-database";
import { pruneFolders } from "./prune-folders";

/** What keeps an installation in order and from growing for ever. */
export const upkeepFunctions = (deps: FunctionDeps) => [
  archiveLog(deps),
  checkpointAudit(deps),
  keepPredictions(deps),
  pruneDatabase(deps),
  pruneFolders(deps),
];
