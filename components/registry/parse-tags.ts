/** "team=risk, urgent" → { team: "risk", urgent: "" } */
export function parseTags(text: string): Record<string, string> {
  const pairs = text
    .split(",")
    .map((pair) => pair.trim())
    .filter(Boolean)
    .map((pair): [string, string] => {
      const at = pair.indexOf("=");
      return at < 0 ? [pair, ""] : [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    });
  return Object.fromEntries(pairs);
}

/** The other way round, for a form that edits tags. */
export const tagsText = (tags: Record<string, string>): string =>
  Object.entries(tags)
    .map(([key, value]) => (value ? `${key}=${value}` : key))
    .join(", ");
