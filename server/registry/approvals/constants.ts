/**
 * pending: waits for reviewers, or for gates to pass. conditional: enough reviewers approved, on
 * conditions that are not all met. approved: the version moved. rejected, withdrawn: decided by
 * people. expired: nobody decided in time, or the version moved by another way.
 */
export const APPROVAL_STATES = [
  "pending",
  "conditional",
  "approved",
  "rejected",
  "withdrawn",
  "expired",
] as const;
export type ApprovalState = (typeof APPROVAL_STATES)[number];

export const OPEN_STATES = ["pending", "conditional"] as const satisfies ApprovalState[];

export const isOpen = (state: string): boolean =>
  (OPEN_STATES as readonly string[]).includes(state);

export const REVIEW_DECISIONS = ["approve", "reject", "conditional"] as const;
export type ReviewDecision = (typeof REVIEW_DECISIONS)[number];

/** Conditions one request can gather. */
export const CONDITIONS_MAX = 20;
