export const MODEL_TYPES = [
  "classification",
  "regression",
  "clustering",
  "recommendation",
  "nlp",
  "computer_vision",
  "reinforcement_learning",
  "forecasting",
  "other",
] as const;
export type ModelType = (typeof MODEL_TYPES)[number];

export const FRAMEWORKS = [
  "scikit-learn",
  "xgboost",
  "lightgbm",
  "pytorch",
  "tensorflow",
  "onnx",
  "custom",
] as const;
export type Framework = (typeof FRAMEWORKS)[number];

export const LINEAGE_KINDS = ["dataset", "run", "version", "model", "deployment"] as const;
export const COMPARED_VERSIONS_MAX = 10;
