import {
  type handleUnaryCall,
  type Metadata,
  type MethodDefinition,
  type Server,
  type ServerDuplexStream,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { beginTrace } from "@/server/kernel/tracing";
import type { NodeContext } from "@/server/node/http/node-context";
import { headerOf, waitingFor } from "@/server/protocols/open-inference/grpc/caller";
import { addHealth } from "@/server/protocols/open-inference/grpc/health";
import { decodeRequest, encodeReply } from "@/server/protocols/open-inference/grpc/messages";
import { addReflection } from "@/server/protocols/open-inference/grpc/reflection";
import {
  INFERENCE,
  listenOn,
  method,
  newServer,
  type RunningGrpc,
} from "@/server/protocols/open-inference/grpc/service";
import { refusalOf } from "@/server/protocols/open-inference/grpc/status";
import { streamReplies } from "@/server/protocols/open-inference/grpc/stream-replies";
import {
  writeStreamError,
  writeStreamReply,
} from "@/server/protocols/open-inference/grpc/write-infer-response";
import { answerInfer } from "./answer-infer";
import { SMALL_METHODS, UNSUPPORTED_METHODS } from "./answers";

interface Options {
  host: string;
  /** 0 takes a free port. */
  port: number;
  context: NodeContext;
  checkToken: (request: { headers: Record<string, string | undefined> }) => void;
}

type Stream = ServerDuplexStream<Buffer, Buffer>;
type Callback = Parameters<handleUnaryCall<Buffer, Buffer>>[1];

/** The node's models over gRPC, as over HTTP, under the same token. Rejects where the port is taken. */
export async function startNodeGrpc(options: Options): Promise<RunningGrpc> {
  const { context } = options;
  const server = newServer(context.bodyBytesMax);
  addInference(server, options);
  addHealth(server, {
    get isReady() {
      return context.isReady();
    },
  });
  addReflection(server);
  return listenOn(server, options, () => undefined);
}

function addInference(server: Server, options: Options): void {
  const { context } = options;
  const definitions: Record<string, MethodDefinition<Buffer, Buffer>> = {};
  const handlers: UntypedServiceImplementation = {};
  const add = (name: string, answer: handleUnaryCall<Buffer, Buffer>) => {
    definitions[name] = method(INFERENCE, name);
    handlers[name] = answer;
  };
  for (const [name, { isOpen, answer }] of Object.entries(SMALL_METHODS)) {
    const reply = async (bytes: Buffer) =>
      encodeReply(`${name}Response`, await answer(context, decodeRequest(`${name}Request`, bytes)));
    add(name, unary(options, isOpen, reply));
  }
  for (const [name, what] of Object.entries(UNSUPPORTED_METHODS)) {
    const details = `this node does not support ${what}`;
    add(name, (_call, callback) => callback({ code: status.UNIMPLEMENTED, details }));
  }
  add("ModelInfer", (call, callback) => {
    const { signal, answered } = waitingFor(call);
    const header = headerOf(call.metadata, "traceparent");
    const answer = (bytes: Buffer) =>
      inTrace(header, () => answerInfer(context, bytes, signal)).finally(answered);
    unary(options, false, answer)(call, callback);
  });
  definitions.ModelStreamInfer = method(INFERENCE, "ModelStreamInfer", {
    request: true,
    reply: true,
  });
  handlers.ModelStreamInfer = (call: Stream) => answerStream(options, call);
  server.addService(definitions, handlers);
}

/** The span of one inference, in the trace of who asks. */
async function inTrace(header: string | undefined, work: () => Promise<Buffer>): Promise<Buffer> {
  const trace = beginTrace(header, "execute");
  try {
    const reply = await work();
    trace?.end();
    return reply;
  } catch (error) {
    trace?.end(undefined, error instanceof Error ? error.message : "failed");
    throw error;
  }
}

/** A method with one request and one reply; those that are open need no token. */
function unary(
  options: Options,
  isOpen: boolean,
  answer: (bytes: Buffer) => Promise<Buffer>,
): handleUnaryCall<Buffer, Buffer> {
  return (call, callback: Callback) => {
    const work = async () => {
      if (!isOpen) requireToken(options, call.metadata);
      return answer(call.request);
    };
    work().then(
      (reply) => callback(null, reply),
      (error: unknown) => callback(told(options, error)),
    );
  };
}

function requireToken({ checkToken }: Options, metadata: Metadata): void {
  const header = (name: string) => headerOf(metadata, name);
  const name = "x-modelyard-node-token";
  checkToken({ headers: { [name]: header(name), authorization: header("authorization") } });
}

function told({ context }: Options, error: unknown) {
  const { isInternal, ...refusal } = refusalOf(error, "");
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (isInternal) context.log.error({ error: text }, "request failed");
  return refusal;
}

function answerStream(options: Options, call: Stream): void {
  try {
    requireToken(options, call.metadata);
  } catch (error) {
    call.emit("error", told(options, error));
    return;
  }
  const header = headerOf(call.metadata, "traceparent");
  streamReplies(call, async (bytes, signal) => {
    try {
      const reply = await inTrace(header, () => answerInfer(options.context, bytes, signal, true));
      return { reply: writeStreamReply(reply), refusal: undefined };
    } catch (error) {
      const refusal = told(options, error);
      return {
        reply: writeStreamError(refusal.details),
        refusal: { ...refusal, isInternal: false },
      };
    }
  });
}
