import { type ServerDuplexStream, status } from "@grpc/grpc-js";
import type { Departure } from "@/server/kernel/departure";
import { waitingFor } from "./caller";
import type { Refusal } from "./status";

/** Requests of one stream at work before no more of them are read. */
const AT_WORK_MAX = 64;
const AT_WORK_BYTES_MAX = 64 * 1024 * 1024;

/** What ends a stream instead of becoming the reply to one request of it. */
const ENDS_STREAM: readonly status[] = [status.UNAUTHENTICATED, status.PERMISSION_DENIED];

export type StreamCall = ServerDuplexStream<Buffer, Buffer>;

export interface StreamAnswer {
  reply: Buffer;
  refusal: Refusal | undefined;
}

/** Requests of a stream are answered at the same time and replied to in their order. */
export function streamReplies(
  call: StreamCall,
  answerOne: (bytes: Buffer, signal: Departure) => Promise<StreamAnswer>,
): void {
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
    const answered = answerOne(bytes, signal);
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

/** Waits where the caller reads slower than it asks. */
function write(call: StreamCall, reply: Buffer, signal: Departure): Promise<void> {
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
