export { createModel } from "./create-model";
export { listModels } from "./list-models";
