export { archiveRuns } from "./archive-runs";
export { moveRuns } from "./move-runs";
export { purgeRuns } from "./purge-runs";
export { restoreRuns } from "./restore-runs";
export { tagRuns } from "./tag-runs";
