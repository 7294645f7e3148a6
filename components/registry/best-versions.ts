interface Measured {
  results: { versionId: string; metrics: Record<string, number | null> }[];
  definitions: Record<string, { better: "higher" | "lower" }>;
}

/**
 * Metric → ids of the versions that are best in it; several where they tie. A metric that only one
 * version has, or in which all tie, has no best.
 */
export function bestVersions({ results, definitions }: Measured): Map<string, Set<string>> {
  const best = new Map<string, Set<string>>();
  for (const [name, { better }] of Object.entries(definitions)) {
    const values = results.flatMap(({ versionId, metrics }) => {
      const value = metrics[name];
      return typeof value === "number" ? [{ versionId, value }] : [];
    });
    if (values.length < 2) continue;
    const numbers = values.map(({ value }) => value);
    const top = better === "higher" ? Math.max(...numbers) : Math.min(...numbers);
    const ids = values.filter(({ value }) => value === top).map(({ versionId }) => versionId);
    if (ids.length < values.length) best.set(name, new Set(ids));
  }
  return best;
}
