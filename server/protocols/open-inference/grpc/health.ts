import {
  type Server,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { decodeRequest, encodeReply } from "./messages";
import { INFERENCE, method } from "./service";
import { refusalOf } from "./status";

/** How often a watched state is looked at, milliseconds. */
const WATCH_MS = 1_000;
export const HEALTH = "grpc.health.v1.Health";
const SERVICES = ["", INFERENCE];

type State = "SERVING" | "NOT_SERVING" | "SERVICE_UNKNOWN";

interface HealthSource {
  readonly isReady: boolean;
}

/** Adds the standard health service; it needs no credentials. */
export function addHealth(server: Server, source: HealthSource): void {
  const handlers: UntypedServiceImplementation = {};
  handlers.Check = (...check: [ServerUnaryCall<Buffer, Buffer>, sendUnaryData<Buffer>]) =>
    checkHealth(source, ...check);
  handlers.Watch = (call: ServerWritableStream<Buffer, Buffer>) => watchHealth(source, call);
  const definitions = {
    Check: method(HEALTH, "Check"),
    Watch: method(HEALTH, "Watch", { reply: true }),
  };
  server.addService(definitions, handlers);
}

const replyOf = (state: State): Buffer => encodeReply("HealthCheckResponse", { status: state });

const stateOf = (source: HealthSource, service: string): State =>
  SERVICES.includes(service) ? (source.isReady ? "SERVING" : "NOT_SERVING") : "SERVICE_UNKNOWN";

/** `grpc.health.v1.Health/Check`, for probes; needs no credentials. */
function checkHealth(
  source: HealthSource,
  call: ServerUnaryCall<Buffer, Buffer>,
  callback: sendUnaryData<Buffer>,
): void {
  try {
    const { service } = decodeRequest("HealthCheckRequest", call.request);
    const state = stateOf(source, service);
    if (state === "SERVICE_UNKNOWN")
      callback({ code: status.NOT_FOUND, details: "this server has no service of that name" });
    else callback(null, replyOf(state));
  } catch (error) {
    callback(refusalOf(error, ""));
  }
}

/** `grpc.health.v1.Health/Watch`: the state now, and again whenever it changes. */
function watchHealth(source: HealthSource, call: ServerWritableStream<Buffer, Buffer>): void {
  let service: string;
  try {
    service = decodeRequest("HealthCheckRequest", call.request).service;
  } catch (error) {
    call.emit("error", refusalOf(error, ""));
    return;
  }
  let told: State | undefined;
  const tell = () => {
    const state = stateOf(source, service);
    if (state === told) return;
    told = state;
    call.write(replyOf(state));
  };
  const timer = setInterval(tell, WATCH_MS).unref();
  call.on("cancelled", () => clearInterval(timer));
  call.on("close", () => clearInterval(timer));
  call.on("error", () => clearInterval(timer));
  tell();
}
