import type { Metadata } from "@grpc/grpc-js";
import type { Permission, Principal } from "@/server/access";
import { CallerDeparture, type Departure } from "@/server/kernel/departure";
import { authenticateCaller, type PredictionGateway } from "@/server/predictions";
import type { Runtime } from "@/server/runtime";

export interface GrpcOptions {
  runtime: Pick<Runtime, "resolver" | "log" | "limits" | "contextOf">;
  gateway: PredictionGateway;
}

/** The parts of a grpc-js call, of any kind, that answers depend on. */
interface AnyCall {
  metadata: Metadata;
  getPeer(): string;
  cancelled: boolean;
  on(event: "cancelled", listener: () => void): unknown;
}

/** One request of a call on its way. */
export interface GrpcExchange extends GrpcOptions {
  call: AnyCall;
  requestId: string;
  startedMs: number;
}

/** The value of a metadata entry; binary ones are not read. */
export function headerOf(metadata: Metadata, name: string): string | undefined {
  const [value] = metadata.get(name);
  return typeof value === "string" ? value : undefined;
}

/** The caller, by `authorization` in the metadata as over HTTP. Throws AppError. */
export function authenticate(
  { runtime, call }: GrpcExchange,
  permission: Permission,
): Promise<Principal> {
  const { metadata } = call;
  const caller = {
    authorization: headerOf(metadata, "authorization"),
    tenant: headerOf(metadata, "x-tenant-id") ?? null,
    address: hostOf(call.getPeer()),
    forwardedFor: headerOf(metadata, "x-forwarded-for"),
  };
  return authenticateCaller(runtime, caller, permission, () => undefined);
}

/** "127.0.0.1:5000" and "[::1]:5000" without the port. */
function hostOf(peer: string): string {
  const at = peer.lastIndexOf(":");
  return (at > 0 ? peer.slice(0, at) : peer).replace(/^\[|\]$/g, "");
}

/** A caller who may leave before the answer. */
export interface Waiting {
  /** Aborted when the caller cancels, its deadline passes or its connection ends. */
  signal: Departure;
  /** To be called with the answer: grpc-js says `cancelled` at the end of every call. */
  answered: () => void;
}

export function waitingFor(call: AnyCall): Waiting {
  const signal = new CallerDeparture();
  let isAnswered = false;
  if (call.cancelled) signal.abort();
  else
    call.on("cancelled", () => {
      if (!isAnswered) signal.abort();
    });
  return {
    signal,
    answered: () => {
      isAnswered = true;
    },
  };
}
