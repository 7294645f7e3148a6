import type {
  Signature,
  SignatureFeature,
} from "@/server/protocols/open-inference/codec/signature";

/** Puts other values in one feature; a new name goes to the column it is, too. Pure. */
export function changeFeature(
  signature: Signature,
  at: number,
  changes: Partial<SignatureFeature>,
): Signature {
  const before = signature.features[at];
  if (!before) return signature;
  const after = { ...before, ...changes };
  const features = signature.features.with(at, after);
  if (after.name === before.name) return { ...signature, features };
  // One column alone: two features may have the same name while somebody types.
  const input = signature.inputs.findIndex(({ columns }) => columns.includes(before.name));
  const inputs = signature.inputs.map((one, place) =>
    place === input
      ? { ...one, columns: one.columns.with(one.columns.indexOf(before.name), after.name) }
      : one,
  );
  return { ...signature, features, inputs };
}

/** Gives an output of an archive another name; what it is in the archive stays said. Pure. */
export function renameOutput(signature: Signature, at: number, name: string): Signature {
  const before = signature.outputs[at];
  if (!before) return signature;
  const from = before.from ?? { output: before.name, operator: "Identity" as const };
  return { ...signature, outputs: signature.outputs.with(at, { ...before, name, from }) };
}

/** Classes one a line: a line that stays keeps its kind, lines that are all numbers are numbers. */
export function readClasses(
  text: string,
  before: NonNullable<Signature["classes"]>,
): NonNullable<Signature["classes"]> {
  const lines = text.split("\n").flatMap((line) => line.trim() || []);
  const isNumbers = lines.every((line) => Number.isFinite(Number(line)));
  return lines.map((line, at) => {
    const was = before[at];
    if (was !== undefined && String(was) === line) return was;
    return isNumbers ? Number(line) : line;
  });
}

/** The name that two features have; null where each has its own. */
export function doubleName({ features }: Signature): string | null {
  const seen = new Set<string>();
  for (const { name } of features) {
    if (seen.has(name)) return name;
    seen.add(name);
  }
  return null;
}
