import type { ModelFormat } from "@/server/kernel/ports";

const NO_PYTHON_NODE =
  "A PyTorch archive runs on a Python node, and none is here. Start one: python -m modelyard_node --register with the address of this product.";

/** The name a version keeps its PyTorch archive under. */
export const PT2_PATH = "model.pt2";

/** Of native models that Python nodes run as they are. */
export type NativeFormat = Exclude<ModelFormat, "pt2">;

/** The name of a file that an MLflow client logged, beside the one it was logged as. */
export const attachedPath = (format: ModelFormat): string => `modelyard/model.${format}`;

/** What the model file of a version is, by its path; undefined for ONNX. */
export const formatOf = (path: string): ModelFormat | undefined =>
  FORMATS.find((format) => path.endsWith(`.${format}`));

const FORMATS: readonly ModelFormat[] = ["pt2", "xgboost", "lightgbm", "skops"];

/** Why a model of a format runs nowhere, and what to do. */
export const noNodeFor = (format: ModelFormat): string =>
  format === "pt2"
    ? NO_PYTHON_NODE
    : "A native model runs on a Python node, and none is here. Start one: python -m modelyard_node --register with the address of this product; or deploy the version converted to ONNX.";
