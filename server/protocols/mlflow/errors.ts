import { ZodError } from "zod";
import { asAppError, type ErrorCode } from "@/server/kernel/errors";

/** MLflow's error codes we answer with, and their HTTP status (mlflow/exceptions.py). */
export const MLFLOW_STATUS = {
  BAD_REQUEST: 400,
  INVALID_PARAMETER_VALUE: 400,
  RESOURCE_ALREADY_EXISTS: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  ENDPOINT_NOT_FOUND: 404,
  RESOURCE_DOES_NOT_EXIST: 404,
  RESOURCE_CONFLICT: 409,
  MAX_BLOCK_SIZE_EXCEEDED: 413,
  REQUEST_LIMIT_EXCEEDED: 429,
  INTERNAL_ERROR: 500,
  NOT_IMPLEMENTED: 501,
  TEMPORARILY_UNAVAILABLE: 503,
} as const;
export type MlflowCode = keyof typeof MLFLOW_STATUS;

/** An error in MLflow's own words. */
export class MlflowError extends Error {
  override name = "MlflowError";
  constructor(
    readonly code: MlflowCode,
    message: string,
  ) {
    super(message);
  }
}

export const invalidParameter = (message: string) =>
  new MlflowError("INVALID_PARAMETER_VALUE", message);

const SEE_DOCS = " See the API docs for more information about request parameters.";

export const missingParameter = (name: string) =>
  invalidParameter(`Missing value for required parameter '${name}'.${SEE_DOCS}`);

/** `hint` names the Python type of what was sent, as the stock server does. */
export const wrongParameter = (name: string, value: unknown) =>
  invalidParameter(
    `Invalid value ${shortJson(value)} for parameter '${name}' supplied:  Hint: Value was of type '${pythonType(value)}'.${SEE_DOCS}`,
  );

function shortJson(value: unknown): string {
  const text =
    JSON.stringify(value, (_, part) => (typeof part === "bigint" ? String(part) : part)) ?? "null";
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function pythonType(value: unknown): string {
  if (value === null || value === undefined) return "NoneType";
  if (Array.isArray(value)) return "list";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float";
  return (
    { string: "str", boolean: "bool", object: "dict", bigint: "int" }[typeof value as string] ??
    "str"
  );
}

/** A state that forbids a call is a wrong parameter to MLflow's clients; they never retry it. */
const CODE_OF = {
  bad_request: "INVALID_PARAMETER_VALUE",
  unauthenticated: "UNAUTHENTICATED",
  forbidden: "PERMISSION_DENIED",
  not_found: "RESOURCE_DOES_NOT_EXIST",
  method_not_allowed: "ENDPOINT_NOT_FOUND",
  conflict: "INVALID_PARAMETER_VALUE",
  payload_too_large: "MAX_BLOCK_SIZE_EXCEEDED",
  unsupported_media_type: "INVALID_PARAMETER_VALUE",
  range_not_satisfiable: "INVALID_PARAMETER_VALUE",
  validation_failed: "INVALID_PARAMETER_VALUE",
  rate_limited: "REQUEST_LIMIT_EXCEEDED",
  unavailable: "TEMPORARILY_UNAVAILABLE",
  internal: "INTERNAL_ERROR",
} satisfies Record<ErrorCode, MlflowCode>;

/** What a call answers for any thrown error; a 5xx says nothing but the request id. */
export function toMlflowError(
  error: unknown,
  requestId: string,
  conflict: MlflowCode = "INVALID_PARAMETER_VALUE",
): { status: number; error_code: MlflowCode; message: string } {
  const answer = (code: MlflowCode, message: string) => ({
    status: MLFLOW_STATUS[code],
    error_code: code,
    message,
  });
  if (error instanceof MlflowError) return answer(error.code, error.message);
  if (error instanceof ZodError) return answer("INVALID_PARAMETER_VALUE", zodMessage(error));
  const known = asAppError(error);
  if (known && known.code !== "internal") {
    // What is taken names its field; a state that forbids a call does not, and is a wrong parameter.
    const isTaken = known.code === "conflict" && known.details.issues !== undefined;
    return answer(isTaken ? conflict : CODE_OF[known.code], known.message);
  }
  return answer("INTERNAL_ERROR", `Tell us the request id ${requestId}.`);
}

function zodMessage(error: ZodError): string {
  const issue = error.issues[0];
  if (!issue) return "The request is not valid.";
  const path = issue.path.map((part) =>
    typeof part === "number" ? `[${part}]` : `.${String(part)}`,
  );
  const name = path.join("").replace(/^\./, "");
  if (issue.code === "too_big" && issue.origin === "string") {
    const last = issue.path.findLast((part) => typeof part === "string");
    return `'${String(last)}' exceeds the maximum length of ${issue.maximum} characters (at '${name}').`;
  }
  return name ? `Invalid value for parameter '${name}' supplied: ${issue.message}` : issue.message;
}
