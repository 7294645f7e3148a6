export { deleteView } from "./delete-view";
export { listViews } from "./list-views";
export { saveView } from "./save-view";
