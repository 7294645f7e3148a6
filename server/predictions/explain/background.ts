import { z } from "zod";
import type { Signature, SignatureFeature } from "@/server/protocols/open-inference/codec";
import { drawsFrom } from "./draws";

const number = z.number();
const numberProfile = z.object({
  name: z.string(),
  count: number,
  nulls: number,
  histogram: z.object({ edges: z.array(number).min(2), counts: z.array(number).min(1) }),
});
const categoryProfile = z.object({
  name: z.string(),
  count: number,
  nulls: number,
  categories: z.array(z.object({ value: z.string(), count: number })).min(1),
});

/** What a trainer's reference_profile.json says of features; others of its entries are ignored. */
export const profileSchema = z.object({
  features: z.array(z.union([numberProfile, categoryProfile, z.object({ name: z.string() })])),
});
export type Profile = z.infer<typeof profileSchema>;
type Value = string | number | boolean | null;

/**
 * Rows drawn feature by feature, each from as many equally likely stretches of its distribution as there are
 * rows, in an order of its own. The same signature and profile give the same rows.
 */
export function backgroundRows(
  signature: Pick<Signature, "features">,
  profile: Profile | null,
  count: number,
): Record<string, Value>[] {
  const known = new Map(profile?.features.map((feature) => [feature.name, feature]));
  const draw = drawsFrom(signature.features.length);
  const columns = signature.features.map((feature) => {
    const at = quantileOf(feature, known.get(feature.name));
    const places = Array.from({ length: count }, (_, row) => (row + 0.5) / count);
    return { name: feature.name, values: shuffle(places, draw).map(at) };
  });
  return Array.from({ length: count }, (_, row) =>
    Object.fromEntries(columns.map(({ name, values }) => [name, values[row] ?? null])),
  );
}

/** A feature's value at a place of its distribution, 0 to 1. */
function quantileOf(
  feature: SignatureFeature,
  known: Profile["features"][number] | undefined,
): (place: number) => Value {
  const typed = typeOf(feature);
  if (known && "histogram" in known) {
    const { edges, counts } = known.histogram;
    const missing = feature.nullable ? known.nulls / Math.max(1, known.nulls + known.count) : 0;
    return (place) =>
      place < missing ? null : typed(along(edges, counts, (place - missing) / (1 - missing)));
  }
  if (known && "categories" in known) return (place) => typed(among(known.categories, place));
  if (feature.categories?.length) {
    const categories = feature.categories.map((value) => ({ value, count: 1 }));
    return (place) => typed(among(categories, place));
  }
  const { min, max, mean } = feature;
  if (feature.type === "boolean") return (place) => place >= 0.5;
  if (feature.type === "category") return () => (feature.nullable ? null : "");
  if (typeof min === "number" && typeof max === "number") {
    // The mean in the middle, the bounds at both ends.
    const middle = typeof mean === "number" ? mean : (min + max) / 2;
    return (place) => typed(along([min, middle, max], [1, 1], place));
  }
  return () => typed(mean ?? 0);
}

function typeOf({ type }: SignatureFeature): (value: number | string) => Value {
  if (type === "integer") return (value) => Math.round(Number(value));
  if (type === "boolean") return (value) => value === 1 || value === "true" || value === "True";
  if (type === "category") return String;
  return Number;
}

/** The value at a place of a histogram. */
function along(edges: readonly number[], counts: readonly number[], place: number): number {
  let left = place * counts.reduce((sum, count) => sum + count, 0);
  for (const [bin, count] of counts.entries()) {
    const low = edges[bin] ?? 0;
    if (left <= count)
      return low + ((edges[bin + 1] ?? low) - low) * (count > 0 ? left / count : 0);
    left -= count;
  }
  return edges.at(-1) ?? 0;
}

function among(categories: readonly { value: string; count: number }[], place: number): string {
  let left = place * categories.reduce((sum, { count }) => sum + count, 0);
  for (const { value, count } of categories) {
    if (left <= count) return value;
    left -= count;
  }
  return categories[0]?.value ?? "";
}

function shuffle<T>(items: T[], draw: () => number): T[] {
  return items
    .map((item) => ({ item, place: draw() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
