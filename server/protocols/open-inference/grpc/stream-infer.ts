import { performance } from "node:perf_hooks";
import { status } from "@grpc/grpc-js";
import type { Departure } from "@/server/kernel/departure";
import { newId } from "@/server/kernel/ids";
import type { GrpcOptions } from "./call";
import { answerInfer } from "./infer";
import { httpStatusOf, type Refusal, refusalOf } from "./status";
import { type StreamAnswer, type StreamCall, streamReplies } from "./stream-replies";
import { writeStreamError, writeStreamReply } from "./write-infer-response";

/** `ModelStreamInfer` of the gateway. */
export const streamInfer = (options: GrpcOptions, call: StreamCall): void =>
  streamReplies(call, (bytes, signal) => answer(options, call, bytes, signal));

async function answer(
  options: GrpcOptions,
  call: StreamCall,
  bytes: Buffer,
  signal: Departure,
): Promise<StreamAnswer> {
  const startedMs = performance.now();
  const requestId = newId();
  const { gateway, runtime } = options;
  let refusal: Refusal | undefined;
  let reply: Buffer;
  try {
    const exchange = { ...options, call, requestId, startedMs };
    reply = writeStreamReply((await answerInfer(exchange, bytes, signal, true)).reply);
  } catch (error) {
    refusal = refusalOf(error, requestId);
    if (refusal.isInternal) runtime.log.error({ requestId, err: error }, "inference failed");
    reply = writeStreamError(refusal.details);
  }
  const code = httpStatusOf(refusal?.code ?? status.OK);
  gateway.metrics.observe("grpc", code, performance.now() - startedMs);
  return { reply, refusal };
}
