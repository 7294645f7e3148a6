import { type MethodDefinition, Server, ServerCredentials } from "@grpc/grpc-js";

export const INFERENCE = "inference.GRPCInferenceService";

/** What a message has beside its tensors. */
const HEAD_BYTES_MAX = 1024 * 1024;
const STREAMS_MAX = 1_000;
/** Calls still at work this long after `close` are cut off, milliseconds. */
const CLOSE_MS = 3_000;

export interface RunningGrpc {
  port: number;
  close: () => Promise<void>;
}

/** A server of the protocol that takes messages with tensors of up to `tensorBytesMax` bytes. */
export const newServer = (tensorBytesMax: number): Server =>
  new Server({
    "grpc.max_receive_message_length": tensorBytesMax + HEAD_BYTES_MAX,
    "grpc.max_send_message_length": -1,
    "grpc.max_concurrent_streams": STREAMS_MAX,
    "grpc.enable_channelz": 0,
  });

const asIs = (bytes: Buffer): Buffer => bytes;

/** Messages are read and written by us, so that a malformed one is answered as we answer. */
export function method(
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

/** Begins to listen; `closing` is told first when it ends. Rejects where the port is taken. */
export async function listenOn(
  server: Server,
  { host, port }: { host: string; port: number },
  closing: () => void,
): Promise<RunningGrpc> {
  const name = host.includes(":") ? `[${host}]` : host;
  const taken = await bind(server, `${name}:${port}`);
  return {
    port: taken,
    close: () => {
      closing();
      return close(server);
    },
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
