import type { TensorSpec } from "@/server/protocols/open-inference/codec";
import type { SignatureHints } from "./schemas";
import { UnfitModel } from "./unfit-model";

/** Our name for an output → the graph's own. */
export type Renames = ReadonlyMap<string, string>;

/**
 * Which outputs need another name: those the uploader says, or the only one of a regression, which
 * converters call variable or output. Throws UnfitModel for one the graph does not have.
 */
export function renamesFor(outputs: readonly TensorSpec[], hints: SignatureHints): Renames {
  const names = outputs.map(({ name }) => name);
  const { logits: _, ...same } = hints.outputs ?? {};
  const wanted = Object.entries(same).filter((pair) => pair[1] !== undefined);
  const [only] = names;
  if (wanted.length === 0 && hints.task === "regression" && names.length === 1 && only) {
    wanted.push(["prediction", only]);
  }
  const renames = new Map<string, string>();
  for (const [ours, theirs = ""] of wanted) {
    if (!names.includes(theirs)) {
      throw new UnfitModel(`The graph has no output ${theirs}: it has ${names.join(", ")}.`);
    }
    if (ours === theirs) continue;
    if (names.includes(ours)) {
      throw new UnfitModel(`The graph has an output ${ours} already, so ${theirs} cannot be it.`);
    }
    renames.set(ours, theirs);
  }
  return renames;
}
