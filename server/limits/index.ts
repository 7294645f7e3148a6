export { moveNotes, noteCall, notesOf, rateHeaders } from "./call-notes";
export { callerAddress } from "./guess-guard";
export { createLimits, type LimitSettings, type Limits, limitCalls } from "./limit-calls";
export { tooMany } from "./rate-limiter";
