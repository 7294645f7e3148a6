export type { FeatureImportance } from "./explain-rows";
export { Explainer } from "./explainer";
