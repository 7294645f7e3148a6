import { Client, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { decode, encode } from "./protos";

export interface GrpcReply {
  /** `status` of grpc-js; 0 is OK. */
  code: number;
  details: string;
  body: Record<string, unknown>;
  trailer: Record<string, unknown>;
}

interface CallOptions {
  key?: string | undefined;
  metadata?: Record<string, string>;
  deadlineMs?: number;
}

const asIs = (bytes: Buffer): Buffer => bytes;

/** A client of the gRPC face that reads and writes by the .proto files alone. */
export class GrpcClient {
  readonly client: Client;

  constructor(port: number) {
    this.client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
      "grpc.max_receive_message_length": -1,
      "grpc.max_send_message_length": -1,
    });
  }

  close(): void {
    this.client.close();
  }

  /** A unary method of the inference service, by its name. */
  call(
    method: string,
    value: Record<string, unknown>,
    options: CallOptions = {},
    service = "inference.GRPCInferenceService",
  ): Promise<GrpcReply> {
    const isHealth = service !== "inference.GRPCInferenceService";
    const request = isHealth ? "HealthCheckRequest" : `${method}Request`;
    const response = isHealth ? "HealthCheckResponse" : `${method}Response`;
    return this.raw(`/${service}/${method}`, encode(request, value), options, response);
  }

  /** The same with bytes of any kind as the message. */
  raw(
    path: string,
    bytes: Buffer,
    options: CallOptions = {},
    response = "ModelInferResponse",
  ): Promise<GrpcReply> {
    return new Promise((resolve) => {
      let trailer: Record<string, unknown> = {};
      const call = this.client.makeUnaryRequest(
        path,
        asIs,
        asIs,
        bytes,
        metadataOf(options),
        options.deadlineMs === undefined ? {} : { deadline: Date.now() + options.deadlineMs },
        (error: ServiceError | null, reply?: Buffer) => {
          // The status comes right behind the reply.
          setImmediate(() => {
            const code = error?.code ?? 0;
            const body = reply ? decode(response, reply) : {};
            resolve({ code, details: error?.details ?? "", body, trailer });
          });
        },
      );
      call.on("status", (status) => {
        trailer = status.metadata.getMap();
      });
    });
  }

  infer(value: Record<string, unknown>, options: CallOptions): Promise<GrpcReply> {
    return this.call("ModelInfer", value, options);
  }

  /** A stream of inferences; `write` takes a request, `replies` grows. */
  stream(options: CallOptions) {
    const call = this.client.makeBidiStreamRequest(
      "/inference.GRPCInferenceService/ModelStreamInfer",
      asIs,
      asIs,
      metadataOf(options),
      {},
    );
    const replies: Record<string, unknown>[] = [];
    call.on("data", (bytes: Buffer) => replies.push(decode("ModelStreamInferResponse", bytes)));
    const ended = new Promise<{ code: number; details: string }>((resolve) => {
      call.on("status", resolve);
      call.on("error", () => undefined);
    });
    return {
      call,
      replies,
      ended,
      write: (value: Record<string, unknown>) => call.write(encode("ModelInferRequest", value)),
    };
  }
}

function metadataOf({ key, metadata = {} }: CallOptions): Metadata {
  const made = new Metadata();
  if (key) made.set("authorization", `Bearer ${key}`);
  for (const [name, value] of Object.entries(metadata)) made.set(name, value);
  return made;
}
