import type { Verdict } from "./verdict";

/** What is known of a request besides its own text, for as long as it lives. */
export interface CallNotes {
  /** Where it came from; "unknown" inside hosts that do not say. */
  address: string;
  /** Set once the caller is known. */
  verdict?: Verdict;
  /** Set when the call was refused for now. */
  retryAfterSeconds?: number;
}

const notes = new WeakMap<Request, CallNotes>();

/** Called once by the lane that receives the request. */
export function noteCall(request: Request, address: string): CallNotes {
  const made = { address };
  notes.set(request, made);
  return made;
}

export function notesOf(request: Request): CallNotes {
  return notes.get(request) ?? noteCall(request, "unknown");
}

/** The rewritten request keeps what was known of the one it came from. */
export function moveNotes(from: Request, to: Request): Request {
  notes.set(to, notesOf(from));
  return to;
}

/** Header names and values that a reply carries about its caller's limits. */
export function rateHeaders(verdict: Verdict | undefined): [string, string][] {
  if (!verdict?.policy) return [];
  return [
    ["ratelimit-policy", verdict.policy],
    ["ratelimit", verdict.state],
  ];
}
