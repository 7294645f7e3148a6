import { z } from "zod";
import { invalid } from "@/server/kernel/errors";
import type { ModelDescription } from "@/server/kernel/ports";
import type { Signature } from "@/server/protocols/open-inference/codec";

type Feature = Signature["features"][number];

/** MLflow's types of columns, and ours; as trainers/modelyard_trainers/convert/columns.py has them. */
const TYPES: Readonly<Record<string, Feature["type"]>> = {
  double: "number",
  float: "number",
  integer: "integer",
  long: "integer",
  boolean: "boolean",
  string: "category",
};
const listed = z
  .array(z.object({ name: z.string().min(1).max(256), type: z.string() }))
  .min(1)
  .max(10_000);

/**
 * The signature of a native model as a Python node answers to it: columns in the model's own order,
 * of the types that MLflow's signature says, numbers in one tensor and texts in another. Throws
 * validation_failed for columns that are not the model's, or of a type no row holds. Pure.
 */
export function nativeSignature(
  { outputs, columns, classes }: ModelDescription,
  logged: unknown,
  target: string,
): Signature {
  const features = featuresOf(columns ?? [], logged);
  const named = (isText: boolean) =>
    features.filter(({ type }) => (type === "category") === isText).map(({ name }) => name);
  const [numeric, categorical] = [named(false), named(true)];
  const tensor = (name: string, datatype: "FP64" | "BYTES", of: string[]) =>
    of.length > 0
      ? [{ name, datatype, shape: [-1, of.length] as [number, number], columns: of }]
      : [];
  return {
    task: classes ? "classification" : "regression",
    features,
    target: { name: target, type: classes ? "category" : "number" },
    classes: classes ?? null,
    inputs: [...tensor("numeric", "FP64", numeric), ...tensor("categorical", "BYTES", categorical)],
    outputs: outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
  };
}

/** As read_columns of trainers/modelyard_trainers/convert/columns.py. */
function featuresOf(columns: readonly string[], logged: unknown): Feature[] {
  const parsed = listed.safeParse(logged).data?.filter(({ type }) => type !== "tensor") ?? [];
  if (parsed.length === 0) return columns.map((name) => ({ name, type: "number", nullable: true }));
  if (parsed.length !== columns.length) {
    throw unfit(`MLflow's signature has ${parsed.length} columns, the model ${columns.length}.`);
  }
  const types = new Map(parsed.map(({ name, type }) => [name, type]));
  // LightGBM writes names in its own way, and some models know none: then places say it.
  const isNamed = columns.every((name) => types.has(name));
  const names = isNamed ? columns : parsed.map(({ name }) => name);
  return names.map((name) => {
    const type = TYPES[types.get(name) ?? ""];
    if (type) return { name, type, nullable: type !== "category" };
    throw unfit(`The column ${name} is of the type ${types.get(name)}, which cannot be served.`);
  });
}

const unfit = (message: string) => invalid(message, [{ path: "signature", message }]);
