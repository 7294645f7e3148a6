import { performance } from "node:perf_hooks";
import { type ServerDuplexStream, status } from "@grpc/grpc-js";
import type { Departure } from "@/server/kernel/departure";
import { newId } from "@/server/kernel/ids";
import { type GrpcOptions, waitingFor } from "./call";
import { answerInfer } from "./infer";
import { httpStatusOf, type Refusal, refusalOf } from "./status";
import { writeStreamError, writeStreamReply } from "./write-infer-response";

/** Requests of one stream at work before no more of them are read. */
const AT_WORK_MAX = 64;
const AT_WORK_BYTES_MAX = 64 * 1024 * 1024;

/** What ends a stream instead of becoming the reply to one request of it. */
const ENDS_STREAM: readonly status[] = [status.UNAUTHENTICATED, status.PERMISSION_DENIED];

type Call = ServerDuplexStream<Buffer, Buffer>;

/** `ModelStreamInfer`: requests are answered at the same time and replied to in their order. */
export function streamInfer(options: GrpcOptions, call: Call): void {
  const { signal } = waitingFor(call);
  let tail = Promise.resolve();
  let atWork = 0;
  let atWorkBytes = 0;
  let hasEnded = false;
  const end = (refusal: Refusal): void => {
    if (hasEnded) return;
    hasEnded = true;
    // How grpc-js wants the status of a stream to be told.
    call.emit("error", refusal);
  };
  call.on("data", (bytes: Buffer) => {
    atWork++;
    atWorkBytes += bytes.byteLength;
    if (atWork >= AT_WORK_MAX || atWorkBytes >= AT_WORK_BYTES_MAX) call.pause();
    const answered = answer(options, call, bytes, signal);
    tail = tail.then(async () => {
      const { reply, refusal } = await answered;
      if (refusal && ENDS_STREAM.includes(refusal.code)) end(refusal);
      if (!hasEnded) await write(call, reply, signal);
      atWork--;
      atWorkBytes -= bytes.byteLength;
      if (call.isPaused()) call.resume();
    });
  });
  // Cancelled and broken calls are told by the signal; nobody is left to reply to.
  call.on("error", () => {
    hasEnded = true;
  });
  call.on("end", () => {
    void tail.then(() => {
      if (!hasEnded) call.end();
    });
  });
}

async function answer(options: GrpcOptions, call: Call, bytes: Buffer, signal: Departure) {
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

/** Waits where the caller reads slower than it asks. */
function write(call: Call, reply: Buffer, signal: Departure): Promise<void> {
  if (signal.aborted || call.destroyed) return Promise.resolve();
  if (call.write(reply)) return Promise.resolve();
  return new Promise((resolve) => {
    const go = () => {
      call.off("drain", go);
      signal.removeEventListener("abort", go);
      resolve();
    };
    call.once("drain", go);
    signal.addEventListener("abort", go, { once: true });
  });
}
