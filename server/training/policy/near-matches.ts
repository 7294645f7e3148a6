/** Edit distance (Levenshtein 1966) over lower-cased texts. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** Up to three of `names` that a person who typed `text` may have meant, nearest first. */
export function nearMatches(text: string, names: readonly string[]): string[] {
  const wanted = text.slice(0, 100).toLowerCase();
  return names
    .map((name) => {
      const candidate = name.slice(0, 100).toLowerCase();
      const long = Math.min(candidate.length, wanted.length) >= 3;
      const part = long && (candidate.includes(wanted) || wanted.includes(candidate));
      return { name, far: part ? 0.5 : distance(wanted, candidate) };
    })
    .filter(({ far }) => far <= Math.max(2, wanted.length / 3))
    .sort((a, b) => a.far - b.far)
    .slice(0, 3)
    .map(({ name }) => name);
}

/** `Did you mean a, b?`, or the first names there are. */
export function suggestion(text: string, names: readonly string[]): string {
  const near = nearMatches(text, names);
  if (near.length > 0) return `Did you mean ${near.join(" or ")}?`;
  const shown = names.slice(0, 10).join(", ");
  return `There are ${shown}${names.length > 10 ? ` and ${names.length - 10} more` : ""}.`;
}
