export { moveNotes, noteCall, notesOf, rateHeaders } from "./call-notes";
export { followQuotas } from "./follow-quotas";
export { callerAddress } from "./guess-guard";
export { hashUpload } from "./hash-upload";
export {
  claimKey,
  deleteOldAnswers,
  differentRequest,
  parseIdempotencyKey,
  requestHasher,
} from "./idempotency";
export { createLimits, type LimitSettings, type Limits, limitCalls } from "./limit-calls";
export { tooMany } from "./rate-limiter";
export { readBytes, readJsonBytes } from "./read-json";
export { within } from "./within";
