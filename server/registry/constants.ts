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

/** Flavors of MLflow whose native models can become ONNX, the first that is there counts. */
export const NATIVE_FLAVORS = ["sklearn", "xgboost", "lightgbm"] as const;
export type NativeFlavor = (typeof NATIVE_FLAVORS)[number];

/** How a native model is stored; reading a pickle runs code it brings along, the others only data. */
export const NATIVE_FORMS = ["native", "skops", "pickle"] as const;
export type NativeForm = (typeof NATIVE_FORMS)[number];
