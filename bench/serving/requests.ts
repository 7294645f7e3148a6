import { encodeInferRequest, type Tensor } from "@/server/protocols/open-inference/codec";

const FEATURES = 30;

/** One kind of request: where it goes and what it carries. */
export interface RequestKind {
  path: string;
  headers: Record<string, string>;
  body: Buffer;
}

const values = Array.from({ length: FEATURES }, (_, at) => Math.sin(at) * 10);
const tensor: Tensor = {
  name: "numeric",
  datatype: "FP64",
  shape: [1, FEATURES],
  data: Float64Array.from(values),
};

/** By feature name, as an application sends it. */
export const byName = (deployment: string): RequestKind => ({
  path: `/api/v1/deployments/${deployment}/predict`,
  headers: { "content-type": "application/json" },
  body: Buffer.from(
    JSON.stringify({ input: Object.fromEntries(values.map((value, at) => [`x${at}`, value])) }),
  ),
});

/** Open Inference Protocol V2 in JSON. */
export const v2Json = (model: string): RequestKind => ({
  path: `/v2/models/${model}/infer`,
  headers: { "content-type": "application/json" },
  body: encodeInferRequest({ inputs: [tensor] }, "json").body,
});

/** Open Inference Protocol V2 with binary tensors both ways. */
export function v2Binary(model: string): RequestKind {
  const { body, headerLength } = encodeInferRequest({ inputs: [tensor] }, "binary");
  return {
    path: `/v2/models/${model}/infer`,
    headers: {
      "content-type": "application/octet-stream",
      "inference-header-content-length": String(headerLength),
    },
    body,
  };
}

export { FEATURES };
