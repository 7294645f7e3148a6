export { type EraseOptions, eraseSubject } from "./erase-subject";
export { exportSubject } from "./export-subject";
export { listErasures } from "./list-erasures";
