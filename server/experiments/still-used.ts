/** What PostgreSQL says when a row is still pointed at. */
const STILL_USED = "23503";

/** Whether a deletion failed because another row points at what was to go. */
export const isStillUsed = (error: unknown): boolean => codeOf(error) === STILL_USED;

function codeOf(error: unknown): unknown {
  if (!(error instanceof Error)) return undefined;
  return "code" in error ? error.code : codeOf(error.cause);
}
