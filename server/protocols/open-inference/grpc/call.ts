import type { Permission, Principal } from "@/server/access";
import { authenticateCaller, type PredictionGateway } from "@/server/predictions";
import type { Runtime } from "@/server/runtime";
import { type AnyCall, headerOf } from "./caller";

export interface GrpcOptions {
  runtime: Pick<Runtime, "resolver" | "log" | "limits" | "contextOf">;
  gateway: PredictionGateway;
}

/** One request of a call on its way. */
export interface GrpcExchange extends GrpcOptions {
  call: AnyCall;
  requestId: string;
  startedMs: number;
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
