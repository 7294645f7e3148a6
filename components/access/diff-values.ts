export interface Difference {
  path: string;
  /** undefined: was not there. */
  before: string | undefined;
  after: string | undefined;
}

function flatten(value: unknown, path: string, into: Map<string, string>): void {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    for (const [key, inner] of Object.entries(value)) {
      flatten(inner, path ? `${path}.${key}` : key, into);
    }
    return;
  }
  if (value === undefined) return;
  into.set(path, typeof value === "string" ? value : JSON.stringify(value));
}

/** What differs between two JSON values, leaf by leaf, in order of path. */
export function diffValues(before: unknown, after: unknown): Difference[] {
  const left = new Map<string, string>();
  const right = new Map<string, string>();
  if (before !== null) flatten(before, "", left);
  if (after !== null) flatten(after, "", right);
  return [...new Set([...left.keys(), ...right.keys()])]
    .sort()
    .map((path) => ({ path, before: left.get(path), after: right.get(path) }))
    .filter((line) => line.before !== line.after);
}
