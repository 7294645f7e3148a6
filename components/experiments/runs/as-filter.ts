/** Anything that makes a text a filter of its own. */
const OPERATOR = /[=<>!()'"`]|\b(like|ilike|in|not|is)\b/i;

/** What somebody typed as a filter: plain words mean a part of the run's name. */
export function asFilter(text: string): string {
  const words = text.trim();
  if (words === "" || OPERATOR.test(words)) return words;
  return `attributes.run_name ILIKE '%${words.replaceAll(/[%_\\]/g, "\\$&")}%'`;
}
