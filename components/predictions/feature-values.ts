import type {
  Signature,
  SignatureFeature,
} from "@/server/protocols/open-inference/codec/signature";

/** What a form holds of one row; null is a missing value. */
export type FeatureValue = string | number | boolean | null;
export type FeatureRow = Record<string, FeatureValue>;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The one row inside an input example, which trainers write as a row or a list of rows. */
function rowOf(example: unknown): Record<string, unknown> {
  const one = Array.isArray(example) ? example[0] : example;
  if (!isRecord(one)) return {};
  const inner = isRecord(one.input) ? one.input : Array.isArray(one.inputs) ? one.inputs[0] : one;
  return isRecord(inner) ? inner : {};
}

function fallback(feature: SignatureFeature): FeatureValue {
  if (feature.type === "image") return "";
  if (feature.type === "category") return feature.categories?.[0] ?? "";
  if (feature.type === "boolean") return false;
  const middle = feature.mean ?? feature.min ?? 0;
  return feature.type === "integer" ? Math.round(middle) : Number(middle.toPrecision(6));
}

/** A row to start with: the example of the version, filled up from what the signature knows. */
export function exampleRow(signature: Signature, example: unknown): FeatureRow {
  const given = rowOf(example);
  return Object.fromEntries(
    signature.features.map((feature) => {
      const value = given[feature.name];
      const usable = value === null || ["string", "number", "boolean"].includes(typeof value);
      return [feature.name, usable ? (value as FeatureValue) : fallback(feature)];
    }),
  );
}

/** A row as it is shown, with a word in the place of each image. */
export function shownRow(signature: Pick<Signature, "features">, row: FeatureRow): FeatureRow {
  const images = new Set(signature.features.filter((f) => f.type === "image").map((f) => f.name));
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      images.has(name) ? "<PNG, JPEG or WebP in base64>" : value,
    ]),
  );
}

/** "6.98 to 28.1", where the signature knows a range. */
export function rangeHint(feature: SignatureFeature): string | undefined {
  const { min, max } = feature;
  if (min === null || min === undefined || max === null || max === undefined) return undefined;
  const text = (value: number) => Number(value.toPrecision(5)).toLocaleString("en-US");
  return `Seen in training: ${text(min)} to ${text(max)}`;
}

/** Whether a number lies outside of what training saw. */
export function isUnusual(feature: SignatureFeature, value: FeatureValue): boolean {
  if (typeof value !== "number") return false;
  return value < (feature.min ?? -Infinity) || value > (feature.max ?? Infinity);
}

/** About a hundredth of the range training saw, as 1, 2 or 5 times a power of ten. */
export function niceStep(feature: SignatureFeature): number {
  if (feature.type === "integer") return 1;
  const range = (feature.max ?? 100) - (feature.min ?? 0);
  if (!(range > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(range / 100));
  const times = range / 100 / power;
  return Number(((times >= 5 ? 5 : times >= 2 ? 2 : 1) * power).toPrecision(1));
}
