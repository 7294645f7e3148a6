import { setTimeout as sleep } from "node:timers/promises";
import { ClusterFailure, toFailure } from "./cluster-failure";

export interface ClusterCall {
  method: "GET" | "PATCH" | "DELETE";
  /** From the root of the API server, without a query. */
  path: string;
  query?: Readonly<Record<string, string>>;
  body?: unknown;
  contentType?: string;
}

/** Sends one request with the credentials of a cluster. Rejects when there is no answer. */
export type SendToCluster = (
  call: ClusterCall,
  signal: AbortSignal,
) => Promise<{ status: number; text: string; retryAfter: string | null }>;

export interface ClusterApiOptions {
  /** Calls of one request, the first among them. */
  attempts?: number;
  /** Of one call, milliseconds. */
  timeoutMs?: number;
  /** Before the second call; doubles from there. Milliseconds. */
  backoffMs?: number;
}

const ATTEMPTS = 4;
const TIMEOUT_MS = 8_000;
const BACKOFF_MS = 250;
/** What an API server asks for longer than this is left to the next turn, milliseconds. */
const WAIT_MAX_MS = 5_000;

/** Calls an API server; what may pass by itself is tried again. Every call may be repeated. */
export class ClusterApi {
  private readonly attempts: number;
  private readonly timeoutMs: number;
  private readonly backoffMs: number;

  constructor(
    private readonly send: SendToCluster,
    options: ClusterApiOptions = {},
  ) {
    this.attempts = options.attempts ?? ATTEMPTS;
    this.timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    this.backoffMs = options.backoffMs ?? BACKOFF_MS;
  }

  /** Answers the parsed reply. Throws ClusterFailure. */
  async call(call: ClusterCall): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      const result = await this.once(call);
      if (!(result instanceof ClusterFailure)) return result.reply;
      const waitMs = result.retryAfterMs ?? this.backoffMs * 2 ** (attempt - 1);
      if (!result.isPassing || attempt >= this.attempts || waitMs > WAIT_MAX_MS) throw result;
      // Several callers that failed together do not come back together.
      await sleep(waitMs * (0.75 + Math.random() / 2));
    }
  }

  private async once(call: ClusterCall): Promise<{ reply: unknown } | ClusterFailure> {
    try {
      const { status, text, retryAfter } = await this.send(
        call,
        AbortSignal.timeout(this.timeoutMs),
      );
      if (status >= 300) return toFailure(status, text, retryAfter);
      return { reply: JSON.parse(text) };
    } catch (error) {
      return new ClusterFailure(0, "", whyUnreached(error));
    }
  }
}

/** The innermost reason: what fetch throws says only that it failed. */
function whyUnreached(error: unknown): string {
  let last = error;
  for (let depth = 0; depth < 5 && last instanceof Error && last.cause; depth++) last = last.cause;
  if (last instanceof Error && last.name === "TimeoutError") return "it does not answer in time";
  return last instanceof Error ? last.message || last.name : String(last);
}
