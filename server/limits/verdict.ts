import type { BucketState } from "./gcra";
import { WINDOW_MS } from "./gcra";

/** One bucket: whose, and how wide. */
export interface Limit {
  id: string;
  perSecond: number;
}

/** What the two buckets of a call say; absent where there is no limit. */
export interface BucketPair {
  isAllowed: boolean;
  key: BucketState | undefined;
  workspace: BucketState | undefined;
}

/** The answer to one call, with what its reply says about it. */
export interface Verdict {
  isAllowed: boolean;
  /** Whole seconds, at least 1; 0 when allowed. */
  retryAfterSeconds: number;
  /** `RateLimit-Policy`, empty without a limit (draft-ietf-httpapi-ratelimit-headers-10). */
  policy: string;
  /** `RateLimit`, of the same draft. */
  state: string;
}

export const UNLIMITED: Verdict = {
  isAllowed: true,
  retryAfterSeconds: 0,
  policy: "",
  state: "",
};

const item = (name: string, state: BucketState): string =>
  `"${name}";r=${state.remaining};t=${Math.ceil(state.fullInMs / 1000)}`;

const policyItem = (name: string, perSecond: number): string =>
  `"${name}";q=${perSecond};w=${WINDOW_MS / 1000}`;

export function verdictOf(pair: BucketPair, key: Limit, workspace: Limit): Verdict {
  const waitMs = Math.max(pair.key?.retryInMs ?? 0, pair.workspace?.retryInMs ?? 0);
  const states = [
    pair.key && item("key", pair.key),
    pair.workspace && item("workspace", pair.workspace),
  ];
  return {
    isAllowed: pair.isAllowed,
    retryAfterSeconds: pair.isAllowed ? 0 : Math.max(1, Math.ceil(waitMs / 1000)),
    policy: policyText(pair.key ? key.perSecond : 0, pair.workspace ? workspace.perSecond : 0),
    state: states.filter(Boolean).join(", "),
  };
}

const policies = new Map<number, string>();

/** The text changes with the settings only, so it is made once. */
function policyText(keyPerSecond: number, workspacePerSecond: number): string {
  const at = keyPerSecond * 2 ** 21 + workspacePerSecond;
  let text = policies.get(at);
  if (text === undefined) {
    const parts = [
      keyPerSecond > 0 && policyItem("key", keyPerSecond),
      workspacePerSecond > 0 && policyItem("workspace", workspacePerSecond),
    ];
    text = parts.filter(Boolean).join(", ");
    if (policies.size > 1000) policies.clear();
    policies.set(at, text);
  }
  return text;
}
