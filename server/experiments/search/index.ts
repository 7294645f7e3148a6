export { checkFilter } from "./check-filter";
export { compareRuns } from "./compare-runs";
export { completeFilter } from "./complete-filter";
export { groupRuns } from "./group-runs";
export { listColumns } from "./list-columns";
export { searchRunTable } from "./search-run-table";
