import { Metadata } from "@grpc/grpc-js";
import type { Departure } from "@/server/kernel/departure";
import { INFER_BYTES_MAX, replyHeaders } from "@/server/predictions";
import { findModel } from "../model/find-model";
import { runInfer } from "../model/run-infer";
import { authenticate, type GrpcExchange } from "./call";
import { headerOf } from "./caller";
import { type InferMessage, readAddress, readInferRequest } from "./read-infer-request";
import { writeInferResponse } from "./write-infer-response";

const LIMITS = { tensorBytesMax: INFER_BYTES_MAX };

export interface InferAnswer {
  reply: Buffer;
  /** Which variant answered, and whether from a cache. */
  trailer: Metadata;
}

/** One ModelInferRequest, as bytes, answered. Throws AppError, ProtocolError. */
export async function answerInfer(
  exchange: GrpcExchange,
  bytes: Buffer,
  signal: Departure,
  isStream = false,
): Promise<InferAnswer> {
  const { gateway, call, requestId, startedMs } = exchange;
  const { workspaceId } = await authenticate(exchange, "predictions:create");
  const { name, version } = readAddress(bytes);
  const route = await findModel(gateway, workspaceId, { name, version });
  const header = (key: string) => headerOf(call.metadata, key);
  let message: InferMessage | undefined;
  return runInfer(
    { lane: "grpc", gateway, route, version, requestId, startedMs, header, signal },
    () => {
      message = readInferRequest(bytes, LIMITS);
      return { request: message.request, bytes: bytes.byteLength };
    },
    ({ variant, request, answer, outputs, trace }) => {
      const reply = writeInferResponse({
        modelName: name,
        modelVersion: String(variant.versionNumber),
        id: request.id,
        echoed: message?.echoed ?? [],
        outputs,
        isRaw: message?.isRaw ?? true,
        isFinal: isStream && (message?.wantsFinal ?? false),
      });
      return { reply, trailer: trailerOf(requestId, replyHeaders(variant, answer, trace)) };
    },
  );
}

function trailerOf(requestId: string, headers: readonly string[]): Metadata {
  const trailer = new Metadata();
  trailer.set("x-request-id", requestId);
  for (let at = 0; at + 1 < headers.length; at += 2)
    trailer.set(headers[at] ?? "", headers[at + 1] ?? "");
  return trailer;
}
