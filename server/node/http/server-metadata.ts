const EXTENSIONS = [
  "binary_tensor_data",
  "classification",
  "model_configuration",
  "model_repository",
  "parameters",
  "schedule_policy",
  "statistics",
] as const;

/** What the node says of itself, over HTTP and over gRPC. */
export const serverMetadata = () => ({
  name: "modelyard-node",
  version: "1",
  extensions: [...EXTENSIONS],
});
