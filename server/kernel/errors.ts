/** Every error the product answers with: code → HTTP status, tRPC code, title. */
export const ERRORS = {
  bad_request: { status: 400, trpc: "BAD_REQUEST", title: "The request cannot be read" },
  unauthenticated: { status: 401, trpc: "UNAUTHORIZED", title: "Sign in or send an API key" },
  forbidden: { status: 403, trpc: "FORBIDDEN", title: "Your role does not allow this" },
  not_found: { status: 404, trpc: "NOT_FOUND", title: "Not found" },
  method_not_allowed: {
    status: 405,
    trpc: "METHOD_NOT_SUPPORTED",
    title: "This method is not allowed here",
  },
  conflict: { status: 409, trpc: "CONFLICT", title: "The present state does not allow this" },
  payload_too_large: { status: 413, trpc: "PAYLOAD_TOO_LARGE", title: "The body is too large" },
  unsupported_media_type: {
    status: 415,
    trpc: "UNSUPPORTED_MEDIA_TYPE",
    title: "This content type is not accepted",
  },
  range_not_satisfiable: { status: 416, trpc: "BAD_REQUEST", title: "The range is not available" },
  validation_failed: {
    status: 422,
    trpc: "UNPROCESSABLE_CONTENT",
    title: "The input is not valid",
  },
  rate_limited: { status: 429, trpc: "TOO_MANY_REQUESTS", title: "Too many requests" },
  unavailable: { status: 503, trpc: "SERVICE_UNAVAILABLE", title: "Not available right now" },
  internal: { status: 500, trpc: "INTERNAL_SERVER_ERROR", title: "Something broke on our side" },
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** One thing that is wrong with an input; `path` in dotted form, empty for the whole. */
export interface Issue {
  path: string;
  message: string;
}

export interface ErrorDetails {
  issues?: Issue[];
  retryAfterSeconds?: number;
  [key: string]: unknown;
}

/** An error with a code from the registry; its message is written for the caller. */
export class AppError extends Error {
  override name = "AppError";
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: ErrorDetails = {},
  ) {
    super(message);
  }
}

export const notFound = (what: string) =>
  new AppError("not_found", `${what} does not exist in this workspace.`);

export const invalid = (message: string, issues: Issue[] = []) =>
  new AppError("validation_failed", message, { issues });

/** `allow` names the methods there are, comma-separated. */
export const wrongMethod = (allow: string) =>
  new AppError("method_not_allowed", `This address answers ${allow} only.`, { allow });

/** RFC 9457 body. A 5xx carries nothing but the request id. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ErrorCode;
  requestId: string;
  issues?: Issue[];
}

/** What node-postgres and the network say while the database is away. */
const AWAY = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|57P0[123]|08\w{3}|53300|40001|40P01)$/;

/** Text, numbers and dates PostgreSQL has no room for, such as a NUL character in a name. */
const UNSTORABLE = /^(22021|22P05|22P02|22003|22007|22008)$/;

/**
 * An AppError for anything thrown: database outages become unavailable, values it cannot hold
 * validation_failed, the rest stays unknown.
 */
export function asAppError(error: unknown): AppError | undefined {
  if (error instanceof AppError) return error;
  const chain = [error, (error as { cause?: unknown } | null)?.cause];
  if (chain.some((one) => UNSTORABLE.test(String((one as { code?: unknown } | null)?.code)))) {
    return invalid("A value is out of range or holds a character that cannot be stored.");
  }
  const away = chain.some((one) => {
    const { code, message } = (one ?? {}) as { code?: unknown; message?: unknown };
    return (
      (typeof code === "string" && AWAY.test(code)) ||
      (typeof message === "string" &&
        /Connection terminated|timeout exceeded when trying/.test(message))
    );
  });
  if (!away) return undefined;
  return new AppError("unavailable", "The database does not answer. Try again in a moment.", {
    retryAfterSeconds: 2,
  });
}

export function toProblem(error: unknown, requestId: string): Problem {
  const known = asAppError(error);
  const code: ErrorCode = known?.code ?? "internal";
  const { status, title } = ERRORS[code];
  const silent = code === "internal";
  return {
    type: `/docs/errors#${code}`,
    title,
    status,
    detail: silent || !known ? `Tell us the request id ${requestId}.` : known.message,
    code,
    requestId,
    ...(known?.details.issues?.length ? { issues: known.details.issues } : {}),
  };
}
