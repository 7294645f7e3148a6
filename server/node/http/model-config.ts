import type { LoadedModel } from "@/server/node/models/loaded-model";
import { configTypeOf, type TensorSpec } from "@/server/protocols/open-inference/codec";

/**
 * A model's configuration in the terms of Triton. Where requests are merged, dimensions are told
 * without the first, which is the batch.
 */
export function modelConfig(name: string, model: LoadedModel) {
  const { rowsMax } = model;
  const tensor = (spec: TensorSpec) => ({
    name: spec.name,
    data_type: configTypeOf(spec.datatype),
    dims: rowsMax > 0 ? spec.shape.slice(1) : spec.shape,
  });
  return {
    name,
    platform: "onnxruntime_onnx",
    backend: "onnxruntime",
    version_policy: { specific: { versions: [1] } },
    max_batch_size: rowsMax,
    input: model.inputs.map(tensor),
    output: model.outputs.map(tensor),
    ...(rowsMax > 0 ? { dynamic_batching: {} } : {}),
  };
}
