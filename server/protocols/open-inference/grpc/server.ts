import { performance } from "node:perf_hooks";
import {
  type handleUnaryCall,
  type MethodDefinition,
  type Server,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { newId } from "@/server/kernel/ids";
import { INFER_BYTES_MAX } from "@/server/predictions";
import { SMALL_METHODS, UNSUPPORTED_METHODS } from "./answers";
import type { GrpcExchange, GrpcOptions } from "./call";
import { waitingFor } from "./caller";
import { addHealth } from "./health";
import { answerInfer } from "./infer";
import { decodeRequest, encodeReply } from "./messages";
import { addReflection } from "./reflection";
import { INFERENCE, listenOn, method, newServer, type RunningGrpc } from "./service";
import { httpStatusOf, refusalOf } from "./status";
import { streamInfer } from "./stream-infer";

/** The Open Inference Protocol V2 over gRPC; a model of the protocol is a deployment. */
export async function startGrpc(
  options: GrpcOptions & { host: string; port: number },
): Promise<RunningGrpc> {
  const server = newServer(INFER_BYTES_MAX);
  addInference(server, options);
  let isOpen = true;
  addHealth(server, {
    get isReady() {
      return isOpen && options.gateway.isReady;
    },
  });
  addReflection(server);
  return listenOn(server, options, () => {
    isOpen = false;
  });
}

function addInference(server: Server, options: GrpcOptions): void {
  const definitions: Record<string, MethodDefinition<Buffer, Buffer>> = {};
  const handlers: UntypedServiceImplementation = {};
  for (const [name, answer] of Object.entries(SMALL_METHODS)) {
    definitions[name] = method(INFERENCE, name);
    handlers[name] = unary(options, async (exchange, request) => {
      const asked = decodeRequest(`${name}Request`, request);
      return { reply: encodeReply(`${name}Response`, await answer(exchange, asked)) };
    });
  }
  for (const [name, what] of Object.entries(UNSUPPORTED_METHODS)) {
    definitions[name] = method(INFERENCE, name);
    const details = `this server does not support ${what}`;
    handlers[name] = (_call: unknown, callback: Parameters<handleUnaryCall<Buffer, Buffer>>[1]) =>
      callback({ code: status.UNIMPLEMENTED, details });
  }
  definitions.ModelInfer = method(INFERENCE, "ModelInfer");
  handlers.ModelInfer = unary(
    options,
    (exchange, request) => {
      const { signal, answered } = waitingFor(exchange.call);
      return answerInfer(exchange, request, signal).finally(answered);
    },
    true,
  );
  definitions.ModelStreamInfer = method(INFERENCE, "ModelStreamInfer", {
    request: true,
    reply: true,
  });
  handlers.ModelStreamInfer = (call: Parameters<typeof streamInfer>[1]) =>
    streamInfer(options, call);
  server.addService(definitions, handlers);
}

type Answered = { reply: Buffer; trailer?: Parameters<Callback>[2] };
type Callback = Parameters<handleUnaryCall<Buffer, Buffer>>[1];

/** A method with one request and one reply; those that are `observed` count in the metrics. */
function unary(
  options: GrpcOptions,
  answer: (exchange: GrpcExchange, request: Buffer) => Promise<Answered>,
  observed = false,
): handleUnaryCall<Buffer, Buffer> {
  const { runtime, gateway } = options;
  return (call, callback) => {
    const startedMs = performance.now();
    const requestId = newId();
    const observe = (code: status) => {
      if (!observed) return;
      gateway.metrics.observe("grpc", httpStatusOf(code), performance.now() - startedMs);
    };
    answer({ ...options, call, requestId, startedMs }, call.request).then(
      ({ reply, trailer }) => {
        callback(null, reply, trailer);
        observe(status.OK);
      },
      (error: unknown) => {
        const { isInternal, ...refusal } = refusalOf(error, requestId);
        if (isInternal) runtime.log.error({ requestId, err: error }, "inference failed");
        callback(refusal);
        observe(refusal.code);
      },
    );
  };
}
