import type { ModelFormat } from "@/server/kernel/ports";

/** Said wherever a PyTorch archive finds no node. */
export const NO_PYTHON_NODE =
  "A PyTorch archive runs on a Python node, and none is here. Start one: python -m modelyard_node --register with the address of this product.";

/** The name a version keeps its PyTorch archive under. */
export const PT2_PATH = "model.pt2";

/** The name of one that an MLflow client logged, beside the file it was logged as. */
export const ATTACHED_PT2_PATH = "modelyard/model.pt2";

/** What the model file of a version is, by its path; undefined for ONNX. */
export const formatOf = (path: string): ModelFormat | undefined =>
  path.endsWith(".pt2") ? "pt2" : undefined;
