import { constant, onnxModel } from "../node/support/onnx-writer";
import { bytesField, integerField, messageField } from "../node/support/protobuf-writer";
import { SIDE } from "../predictions/support/image-model";

const FILTERS = Float32Array.from({ length: 4 * 3 * 9 }, (_, at) => ((at * 7) % 11) / 5 - 1);

/** Bytes before the weights, so that an offset is not nothing. */
const BEFORE = 64;

/** What `mlflow.onnx` saves of a net that PyTorch exported: scores only, weights in a file beside. */
export function scoringNet(file = "weights.data"): { onnx: Buffer; weights: Buffer } {
  const entry = (key: string, value: string) =>
    messageField(13, bytesField(1, key), bytesField(2, value));
  const filters = messageField(
    5,
    ...[4, 3, 3, 3].map((dim) => integerField(1, dim)),
    integerField(2, 1),
    bytesField(8, "filters"),
    entry("location", file),
    entry("offset", String(BEFORE)),
    entry("length", String(FILTERS.byteLength)),
    integerField(14, 1),
  );
  const onnx = onnxModel({
    nodes: [
      {
        op: "Conv",
        inputs: ["input", "filters"],
        outputs: ["found"],
        attributes: { kernel_shape: { ints: [3, 3] } },
      },
      { op: "Relu", inputs: ["found"], outputs: ["lit"] },
      { op: "GlobalMaxPool", inputs: ["lit"], outputs: ["pooled"] },
      { op: "Flatten", inputs: ["pooled"], outputs: ["flat"] },
      { op: "MatMul", inputs: ["flat", "votes"], outputs: ["output"] },
    ],
    constants: [
      filters,
      constant("votes", "FP32", [4, 2], [0.3, -0.2, -0.5, 0.4, 0.1, 0.2, 0.6, -0.7]),
    ],
    inputs: [{ name: "input", type: "FP32", shape: ["batch", 3, SIDE, SIDE] }],
    outputs: [{ name: "output", type: "FP32", shape: ["batch", 2] }],
  });
  return { onnx, weights: Buffer.concat([Buffer.alloc(BEFORE), Buffer.from(FILTERS.buffer)]) };
}

/** A regressor of two columns, as converters of scikit-learn write it. */
export const slopes = () =>
  onnxModel({
    nodes: [{ op: "MatMul", inputs: ["X", "weights"], outputs: ["variable"] }],
    constants: [constant("weights", "FP32", [2, 1], [2, 3])],
    inputs: [{ name: "X", type: "FP32", shape: ["batch", 2] }],
    outputs: [{ name: "variable", type: "FP32", shape: ["batch", 1] }],
  });

/** The MLmodel beside it; `inputs` is MLflow's signature. */
export const mlmodelOf = (inputs?: object[]) =>
  [
    "flavors:",
    "  onnx:",
    "    data: model.onnx",
    "    onnx_version: 1.19.0",
    ...(inputs ? ["signature:", `  inputs: '${JSON.stringify(inputs)}'`] : []),
    "",
  ].join("\n");

/** Logs files as MLflow's clients do and registers them as the next version of a new model. */
export async function logVersion(
  server: string,
  key: string,
  name: string,
  files: Record<string, Buffer | string>,
): Promise<void> {
  const mlflow = async (method: string, path: string, body: object | Buffer | string) => {
    const isRaw = typeof body === "string" || Buffer.isBuffer(body);
    const reply = await fetch(`${server}/api/2.0${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        "content-type": isRaw ? "application/octet-stream" : "application/json",
      },
      body: isRaw ? new Uint8Array(Buffer.from(body)) : JSON.stringify(body),
    });
    if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
    return (await reply.json()) as { run: { info: { run_id: string } } };
  };
  const { run } = await mlflow("POST", "/mlflow/runs/create", { experiment_id: "0" });
  const place = `0/${run.info.run_id}/artifacts/model`;
  for (const [path, content] of Object.entries(files)) {
    await mlflow("PUT", `/mlflow-artifacts/artifacts/${place}/${path}`, content);
  }
  await mlflow("POST", "/mlflow/registered-models/create", { name });
  const source = `mlflow-artifacts:/${place}`;
  await mlflow("POST", "/mlflow/model-versions/create", { name, source, run_id: run.info.run_id });
}
