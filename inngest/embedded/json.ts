/** True for text a Postgres `text` value can hold unchanged: no NUL, no lone surrogate. */
export function isStorableText(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}

/**
 * RFC 8785 form of parsed JSON, as the SDK computes it when it checks a signature. The SDK leaves an
 * object with a `toJSON` field in the order it came; any other form fails its check.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  const record = value as Record<string, unknown>;
  if ("toJSON" in record && record.toJSON != null) return JSON.stringify(record);
  const fields = Object.keys(record)
    .filter((key) => record[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(record[key])}`);
  return `{${fields.join()}}`;
}
