import { performance } from "node:perf_hooks";
import {
  type handleUnaryCall,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { newId } from "@/server/kernel/ids";
import { INFER_BYTES_MAX } from "@/server/predictions";
import { SMALL_METHODS, UNSUPPORTED_METHODS } from "./answers";
import { type GrpcExchange, type GrpcOptions, waitingFor } from "./call";
import { checkHealth, type HealthSource, watchHealth } from "./health";
import { answerInfer } from "./infer";
import { decodeRequest, encodeReply } from "./messages";
import { httpStatusOf, refusalOf } from "./status";
import { streamInfer } from "./stream-infer";

const INFERENCE = "inference.GRPCInferenceService";
const HEALTH = "grpc.health.v1.Health";

/** What a message has beside its tensors. */
const HEAD_BYTES_MAX = 1024 * 1024;
const STREAMS_MAX = 1_000;
/** Calls still at work this long after `close` are cut off, milliseconds. */
const CLOSE_MS = 3_000;

export interface RunningGrpc {
  port: number;
  close: () => Promise<void>;
}

/** The Open Inference Protocol V2 over gRPC; a model of the protocol is a deployment. */
export async function startGrpc(
  options: GrpcOptions & { host: string; port: number },
): Promise<RunningGrpc> {
  const server = new Server({
    "grpc.max_receive_message_length": INFER_BYTES_MAX + HEAD_BYTES_MAX,
    "grpc.max_send_message_length": -1,
    "grpc.max_concurrent_streams": STREAMS_MAX,
    "grpc.enable_channelz": 0,
  });
  addInference(server, options);
  let isOpen = true;
  const source = {
    get isReady() {
      return isOpen && options.gateway.isReady;
    },
  };
  addHealth(server, source);
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  const port = await bind(server, `${host}:${options.port}`);
  return {
    port,
    close: () => {
      isOpen = false;
      return close(server);
    },
  };
}

const asIs = (bytes: Buffer): Buffer => bytes;

/** Messages are read and written by us, so that a malformed one is answered as we answer. */
function method(
  service: string,
  name: string,
  streams: { request?: boolean; reply?: boolean } = {},
): MethodDefinition<Buffer, Buffer> {
  return {
    path: `/${service}/${name}`,
    requestStream: streams.request ?? false,
    responseStream: streams.reply ?? false,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
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

function addHealth(server: Server, source: HealthSource): void {
  const handlers: UntypedServiceImplementation = {};
  handlers.Check = (...check: [ServerUnaryCall<Buffer, Buffer>, Callback]) =>
    checkHealth(source, ...check);
  handlers.Watch = (call: ServerWritableStream<Buffer, Buffer>) => watchHealth(source, call);
  const definitions = {
    Check: method(HEALTH, "Check"),
    Watch: method(HEALTH, "Watch", { reply: true }),
  };
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

function bind(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(error);
      else resolve(port);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, CLOSE_MS);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
