import { performance } from "node:perf_hooks";
import type { Principal } from "@/server/access";
import { AppError } from "@/server/kernel/errors";
import type { Log } from "@/server/kernel/log";
import { LocalBuckets } from "./local-buckets";
import { openSharedBuckets, type SharedBuckets } from "./shared-buckets";
import { type Limit, UNLIMITED, type Verdict, verdictOf } from "./verdict";

type Caller = Pick<Principal, "workspaceId" | "actor">;

export interface RateLimits {
  /** Requests a second of one key or person; 0 for no limit. */
  keyPerSecond: number;
  /** Requests a second of a workspace; 0 for no limit. */
  workspacePerSecond: number;
  /** Absent: buckets of this process. */
  redisUrl?: string | undefined;
  /** Web processes that share the limits; each admits this part while Redis is away. */
  instances?: number;
}

/** Counts calls by key or person and by workspace. */
export class RateLimiter {
  private readonly local = new LocalBuckets();
  private readonly shared: SharedBuckets | undefined;
  /** What a workspace's quota says in place of the setting; undefined for the setting. */
  workspaceRate: (workspaceId: string) => number | undefined = () => undefined;

  constructor(
    private readonly limits: RateLimits,
    log: Log,
  ) {
    if (limits.redisUrl) this.shared = openSharedBuckets(limits.redisUrl, log);
  }

  /** Counts one call. Resolved at once unless the buckets are shared. */
  take(caller: Caller, nowMs = performance.now()): Verdict | Promise<Verdict> {
    const workspacePerSecond =
      this.workspaceRate(caller.workspaceId) ?? this.limits.workspacePerSecond;
    const { keyPerSecond } = this.limits;
    if (keyPerSecond === 0 && workspacePerSecond === 0) return UNLIMITED;
    const key = { id: callerId(caller), perSecond: keyPerSecond };
    const workspace = { id: caller.workspaceId, perSecond: workspacePerSecond };
    if (!this.shared) return verdictOf(this.local.take(key, workspace, nowMs), key, workspace);
    return this.takeShared(this.shared, key, workspace);
  }

  /** Counts in the store that processes share; undefined where there is none. */
  get counter(): SharedBuckets["count"] | undefined {
    return this.shared?.count;
  }

  async close(): Promise<void> {
    await this.shared?.close();
  }

  private async takeShared(shared: SharedBuckets, key: Limit, workspace: Limit): Promise<Verdict> {
    const pair = await shared.take(key, workspace);
    if (pair) return verdictOf(pair, key, workspace);
    const part = (limit: Limit): Limit => ({
      id: limit.id,
      perSecond: limit.perSecond / (this.limits.instances ?? 1),
    });
    const own = this.local.take(part(key), part(workspace), performance.now());
    return verdictOf(own, key, workspace);
  }
}

/** Work of the product itself carries no credential and shares the workspace's bucket. */
function callerId({ actor, workspaceId }: Caller): string {
  if (actor.type === "apiKey") return actor.keyId;
  return actor.type === "user" ? `${actor.userId}@${workspaceId}` : `job@${workspaceId}`;
}

/** The refusal of a call over its limit. */
export const tooMany = (verdict: Verdict): AppError =>
  new AppError(
    "rate_limited",
    `Too many requests: the limit is ${verdict.policy}. Try again in ${verdict.retryAfterSeconds} s.`,
    { retryAfterSeconds: verdict.retryAfterSeconds },
  );
