/** States of an erasure: a process that ended in the middle leaves it running. */
export const ERASURE_STATES = ["running", "complete", "incomplete"] as const;
