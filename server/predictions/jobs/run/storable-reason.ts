const CHARS_MAX = 500;

/** Why a row got no answer, as it is stored: PostgreSQL has no room for NUL and lone surrogates. */
export const storableReason = (text: string): string =>
  text.replaceAll("\0", "\uFFFD").slice(0, CHARS_MAX).toWellFormed();
