import type { Route } from "@/server/predictions";
import { configTypeOf, type Datatype } from "@/server/protocols/open-inference/codec";
import { type ModelName, variantOf } from "./find-model";

/** What we can do beyond the protocol's core, by the names Triton gave it. */
const EXTENSIONS = [
  "binary_tensor_data",
  "classification",
  "model_configuration",
  "model_repository",
  "parameters",
  "schedule_policy",
  "statistics",
] as const;

const PLATFORM = "onnxruntime_onnx";

export const serverMetadata = () => ({
  name: "modelyard",
  version: "1",
  extensions: [...EXTENSIONS],
});

interface TensorDescription {
  name: string;
  datatype: Datatype;
  shape: number[];
}

const describe = ({ name, datatype, shape }: TensorDescription): TensorDescription => ({
  name,
  datatype,
  shape,
});

/** Metadata of a deployment as a model of the protocol. */
export function modelMetadata(route: Route, { name, version }: ModelName) {
  const signature = variantOf(route, version)?.signature;
  return {
    name,
    versions: route.variants.map((one) => String(one.versionNumber)),
    platform: PLATFORM,
    inputs: signature?.inputs.map(describe) ?? [],
    outputs: signature?.outputs.map(describe) ?? [],
  };
}

/**
 * The configuration of a deployment in the terms of Triton: dimensions without the first, which is
 * the batch, and how requests are queued.
 */
export function modelConfig(route: Route, { name, version }: ModelName) {
  const variant = variantOf(route, version);
  const tensor = (one: TensorDescription) => ({
    name: one.name,
    data_type: configTypeOf(one.datatype),
    dims: one.shape.slice(1),
  });
  const batching = variant?.batching;
  const isBatched = batching !== undefined && batching.mode !== "off";
  return {
    name,
    platform: PLATFORM,
    backend: "onnxruntime",
    version_policy: { specific: { versions: route.variants.map((one) => one.versionNumber) } },
    max_batch_size: batching?.maxBatchSize ?? 1,
    input: variant?.signature.inputs.map(tensor) ?? [],
    output: variant?.signature.outputs.map(tensor) ?? [],
    ...(isBatched ? { dynamic_batching: dynamicBatching(batching) } : {}),
    parameters: { task: { string_value: variant?.signature.task ?? "" } },
  };
}

type Batching = Route["variants"][number]["batching"];

const dynamicBatching = (settings: Batching) => ({
  preferred_batch_size: settings.preferredBatchSizes,
  max_queue_delay_microseconds: settings.maxQueueDelayMicroseconds,
  default_queue_policy: {
    timeout_action: "REJECT",
    default_timeout_microseconds: settings.queueTimeoutMs * 1000,
    allow_timeout_override: true,
    max_queue_size: settings.maxQueueSize,
  },
});
