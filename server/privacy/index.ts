export { eraseEverywhere } from "./erase-everywhere";
export { eraseSubject } from "./erase-subject";
export { exportSubject } from "./export-subject";
export { knownAccounts } from "./known-accounts";
export { listErasures } from "./list-erasures";
