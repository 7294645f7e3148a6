import { type EncodedMessage, encodeMessage } from "./encode-message";
import {
  field,
  type MessageLimits,
  parametersJson,
  parseHead,
  parseHeaderLength,
  parseId,
  parseParameters,
  parseTensors,
} from "./message";
import { badRequest } from "./protocol-error";
import type { Parameters, Tensor } from "./tensor";

export type InferResponse = {
  modelName: string;
  modelVersion?: string | undefined;
  id?: string | undefined;
  parameters?: Parameters | undefined;
  outputs: Tensor[];
};

/** An inference response; `binary` says for each output whether it takes the binary form. */
export function encodeInferResponse(
  response: InferResponse,
  binary: (tensor: Tensor) => boolean,
): EncodedMessage {
  const members = [`"model_name":${JSON.stringify(response.modelName)}`];
  if (response.modelVersion !== undefined)
    members.push(`"model_version":${JSON.stringify(response.modelVersion)}`);
  if (response.id !== undefined) members.push(`"id":${JSON.stringify(response.id)}`);
  if (response.parameters !== undefined && response.parameters.size > 0)
    members.push(`"parameters":${parametersJson(response.parameters)}`);
  return encodeMessage(members, "outputs", response.outputs, binary);
}

/** Reads an inference response, JSON alone or with binary tensors. Throws ProtocolError 400. */
export function parseInferResponse(
  body: Uint8Array,
  headerLength: string | string[] | undefined,
  limits: MessageLimits,
): InferResponse {
  const length = parseHeaderLength(headerLength, body.byteLength);
  const head = parseHead(body, length);
  const modelName = field(head, "model_name");
  if (typeof modelName !== "string") throw badRequest("model_name must be a string");
  const modelVersion = field(head, "model_version");
  return {
    modelName,
    modelVersion: typeof modelVersion === "string" ? modelVersion : undefined,
    id: parseId(head),
    parameters: parseParameters(head, "the response"),
    outputs: parseTensors(
      field(head, "outputs"),
      "output",
      length === undefined ? new Uint8Array(0) : body.subarray(length),
      limits,
    ),
  };
}
