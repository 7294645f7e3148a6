import type { IncomingMessage, ServerResponse } from "node:http";
import { packBody } from "@/server/node/http/pack-body";
import { INFER_BYTES_MAX, readLaneBody, replyHeaders, send } from "@/server/predictions";
import {
  echoedParameters,
  encodeInferResponse,
  parseInferRequest,
} from "@/server/protocols/open-inference/codec";
import { type InferCall, type InferReply, runInfer } from "../model/run-infer";

/**
 * `POST /v2/models/{name}/infer`, JSON or binary; `name` is the deployment as the caller wrote it.
 * Throws AppError, ProtocolError.
 */
export async function answerInfer(
  call: InferCall,
  name: string,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const { body, headers, type } = await runInfer(
    call,
    async (rawInput) => {
      const bytes = await readLaneBody(req, INFER_BYTES_MAX);
      const length = req.headers["inference-header-content-length"];
      const limits = { tensorBytesMax: INFER_BYTES_MAX };
      return {
        request: parseInferRequest(bytes, length, limits, rawInput),
        bytes: bytes.byteLength,
      };
    },
    (reply) => encodeReply(name, reply),
  );
  const packed = await packBody(req.headers["accept-encoding"], body);
  if (packed) headers.push("content-encoding", packed.encoding);
  send(res, 200, call.requestId, type, packed?.body ?? body, headers);
}

function encodeReply(name: string, { variant, request, answer, outputs, trace }: InferReply) {
  const wanted = new Map(request.outputs?.map((output) => [output.name, output]));
  const message = encodeInferResponse(
    {
      modelName: name,
      modelVersion: String(variant.versionNumber),
      id: request.id,
      parameters: request.parameters.size > 0 ? echoedParameters(request.parameters) : undefined,
      outputs: [...outputs],
    },
    (tensor) => wanted.get(tensor.name)?.binary ?? request.binaryOutput,
  );
  const headers = [...replyHeaders(variant, answer, trace)];
  if (message.headerLength === undefined) {
    return { body: message.body, headers, type: "application/json" };
  }
  headers.push("inference-header-content-length", String(message.headerLength));
  return { body: message.body, headers, type: "application/octet-stream" };
}
