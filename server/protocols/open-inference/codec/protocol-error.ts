/**
 * A request this protocol refuses. `status` is the HTTP status (400 to 599), `message` is safe to
 * show to the caller and becomes the body `{"error": message}`.
 */
export class ProtocolError extends Error {
  readonly status: number;
  /** Seconds after which a retry makes sense; sent as `Retry-After`. */
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, message: string, retryAfterSeconds?: number) {
    super(message);
    this.name = "ProtocolError";
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The caller sent something malformed: HTTP 400. */
export function badRequest(message: string): ProtocolError {
  return new ProtocolError(400, message);
}

/** Names and values in messages come from the caller: shortened so that a reply stays small. */
export function quoted(value: string): string {
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value);
}
