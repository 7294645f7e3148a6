import type { Authenticate } from "@/server/access";
import { sessionTokenOf } from "@/server/access/session-token";
import { AppError } from "@/server/kernel/errors";
import type { Log } from "@/server/kernel/log";
import { notesOf } from "./call-notes";
import { GuessGuard } from "./guess-guard";
import { RateLimiter, type RateLimits, tooMany } from "./rate-limiter";

export interface LimitSettings extends RateLimits {
  trustedProxies?: number;
}

/** The limits of one process: calls by caller, wrong credentials by address. */
export interface Limits {
  rate: RateLimiter;
  guesses: GuessGuard;
  trustedProxies: number;
}

export function createLimits(settings: LimitSettings, log: Log): Limits {
  const rate = new RateLimiter(settings, log);
  return {
    rate,
    guesses: new GuessGuard(rate.counter),
    trustedProxies: settings.trustedProxies ?? 0,
  };
}

/**
 * Puts the limits before and behind `authenticate`, for every adapter that uses it. Throws
 * rate_limited; a database that is away stays unavailable and counts as no wrong credential.
 */
export function limitCalls(authenticate: Authenticate, limits: Limits): Authenticate {
  return async (request, requestId) => {
    const notes = notesOf(request);
    const credential =
      request.headers.get("authorization") ?? sessionTokenOf(request.headers.get("cookie"));
    try {
      if (credential) limits.guesses.check(notes.address, credential);
      const ctx = await authenticate(request, requestId);
      if (credential) limits.guesses.good(credential);
      const verdict = await limits.rate.take(ctx);
      notes.verdict = verdict;
      if (!verdict.isAllowed) throw tooMany(verdict);
      return ctx;
    } catch (error) {
      if (error instanceof AppError && error.code === "unauthenticated" && credential) {
        limits.guesses.wrong(notes.address, credential);
      }
      const retry = error instanceof AppError && error.details.retryAfterSeconds;
      if (retry) notes.retryAfterSeconds = retry;
      throw error;
    }
  };
}
