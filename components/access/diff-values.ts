export interface Difference {
  path: string;
  /** undefined: was not there. */
  before: string | undefined;
  after: string | undefined;
}

const isPlain = (value: unknown): boolean => typeof value !== "object" || value === null;

/** Lists of words read as words, instants as local times; all else as JSON. */
function textOf(value: unknown): string {
  if (typeof value === "string") {
    return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? new Date(value).toLocaleString() : value;
  }
  if (Array.isArray(value) && value.every(isPlain)) {
    return value.length === 0 ? "none" : value.map(String).join(", ");
  }
  return JSON.stringify(value);
}

function flatten(value: unknown, path: string, into: Map<string, string>): void {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    for (const [key, inner] of Object.entries(value)) {
      flatten(inner, path ? `${path}.${key}` : key, into);
    }
    return;
  }
  if (value === undefined) return;
  into.set(path, textOf(value));
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
