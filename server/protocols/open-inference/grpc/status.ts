import { Metadata, status } from "@grpc/grpc-js";
import { CALLER_GONE_STATUS, CallerGone } from "@/server/kernel/departure";
import { type ErrorCode, toProblem } from "@/server/kernel/errors";
import { ProtocolError } from "@/server/protocols/open-inference/codec";

const OF_ERROR = {
  bad_request: status.INVALID_ARGUMENT,
  unauthenticated: status.UNAUTHENTICATED,
  forbidden: status.PERMISSION_DENIED,
  not_found: status.NOT_FOUND,
  method_not_allowed: status.UNIMPLEMENTED,
  conflict: status.FAILED_PRECONDITION,
  payload_too_large: status.RESOURCE_EXHAUSTED,
  unsupported_media_type: status.INVALID_ARGUMENT,
  range_not_satisfiable: status.OUT_OF_RANGE,
  validation_failed: status.INVALID_ARGUMENT,
  rate_limited: status.RESOURCE_EXHAUSTED,
  unavailable: status.UNAVAILABLE,
  internal: status.INTERNAL,
} as const satisfies Record<ErrorCode, status>;

const OF_PROTOCOL: Record<number, status> = {
  401: status.UNAUTHENTICATED,
  404: status.NOT_FOUND,
  413: status.RESOURCE_EXHAUSTED,
  501: status.UNIMPLEMENTED,
  503: status.UNAVAILABLE,
};

export interface Refusal {
  code: status;
  details: string;
  metadata: Metadata;
  /** True for what no caller could have caused: it belongs in the log. */
  isInternal: boolean;
}

/** Any error as the status of a call; what is internal says nothing but the request id. */
export function refusalOf(error: unknown, requestId: string): Refusal {
  const metadata = new Metadata();
  metadata.set("x-request-id", requestId);
  if (error instanceof CallerGone)
    return { code: status.CANCELLED, details: error.message, metadata, isInternal: false };
  if (error instanceof ProtocolError && (error.status < 500 || error.status in OF_PROTOCOL)) {
    const code = OF_PROTOCOL[error.status] ?? status.INVALID_ARGUMENT;
    return { code, details: error.message, metadata, isInternal: false };
  }
  const { code, detail } = toProblem(error, requestId);
  const details = (error as { details?: { retryAfterSeconds?: unknown } } | null)?.details;
  const retryAfter = details?.retryAfterSeconds;
  if (retryAfter) metadata.set("retry-after", String(retryAfter));
  return { code: OF_ERROR[code], details: detail, metadata, isInternal: code === "internal" };
}

/** The HTTP status that metrics count a call under. */
export function httpStatusOf(code: status): number {
  if (code === status.OK) return 200;
  if (code === status.CANCELLED) return CALLER_GONE_STATUS;
  const isOurs = code === status.UNAVAILABLE || code === status.INTERNAL;
  return isOurs ? 503 : 400;
}
