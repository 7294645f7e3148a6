import { AppError, invalid } from "@/server/kernel/errors";
import type {
  CompiledSignature,
  Predictions,
  Signature,
  Tensor,
} from "@/server/protocols/open-inference/codec";
import { drawsFrom } from "./draws";
import { type Attribution, type Mixed, shapleyValues } from "./shapley";

/** Rows of one request that may be explained. */
export const EXPLAINED_ROWS_MAX = 10;
/** Rows the model is asked for to explain one: all coalitions of eight features. */
const EVALUATIONS = 4096;
/** Features beyond which not even one order and its reverse fit. */
const FEATURES_MAX = EVALUATIONS / 2 - 1;
/** Rows of one call of the model. */
const BATCH = 512;

type Row = Readonly<Record<string, unknown>>;

/** What moved one prediction. */
export interface FeatureImportance extends Omit<Attribution, "contributions"> {
  /** Feature to contribution. */
  contributions: Record<string, number>;
  /** Classification: the class whose probability is explained, which is the predicted one. */
  class?: string;
  /** Where typical values came from. */
  background: "profile" | "signature";
}

export interface Explained {
  signature: Signature;
  codec: CompiledSignature;
  background: readonly Row[];
  backgroundFrom: FeatureImportance["background"];
  /** Asks the model. */
  run: (tensors: readonly Tensor[]) => Promise<readonly Tensor[]>;
}

/**
 * Shapley values of each row's prediction, one after another. Throws validation_failed for too many rows or
 * features, and for a classification that gives no probabilities.
 */
export async function explainRows(
  model: Explained,
  rows: readonly unknown[],
  outputs: Predictions,
): Promise<FeatureImportance[]> {
  const features = model.signature.features.map(({ name }) => name);
  if (rows.length > EXPLAINED_ROWS_MAX) {
    throw invalid(`At most ${EXPLAINED_ROWS_MAX} rows of a request are explained.`);
  }
  if (features.length > FEATURES_MAX) {
    throw invalid(`At most ${FEATURES_MAX} features are explained.`);
  }
  const explained: FeatureImportance[] = [];
  for (const [at, row] of rows.entries()) {
    const predicted = classOf(model.signature, outputs, at);
    const values = await shapleyValues(
      features.length,
      model.background.length,
      (asked) => evaluate(model, { features, row: row as Row, predicted }, asked),
      { evaluations: EVALUATIONS, draw: drawsFrom(features.length) },
    );
    const { base, method, contributions } = values;
    explained.push({
      base,
      contributions: Object.fromEntries(features.map((name, f) => [name, contributions[f] ?? 0])),
      ...(predicted === undefined ? {} : { class: predicted }),
      method,
      background: model.backgroundFrom,
    });
  }
  return explained;
}

/** The class whose probability is explained; undefined for a regression. */
function classOf(
  { task }: Signature,
  { predictions, probabilities }: Predictions,
  at: number,
): string | undefined {
  if (task === "regression") return undefined;
  if (probabilities) return String(predictions[at]);
  throw invalid("This model gives no probabilities, so there is nothing to be explained.");
}

async function evaluate(
  { codec, background, run }: Explained,
  subject: { features: readonly string[]; row: Row; predicted: string | undefined },
  asked: readonly Mixed[],
): Promise<Float64Array> {
  const values = new Float64Array(asked.length);
  for (let from = 0; from < asked.length; from += BATCH) {
    const batch = asked.slice(from, from + BATCH);
    const rows = batch.map(({ mask, background: at }) =>
      mixed(subject, mask, background[at] ?? {}),
    );
    const encoded = codec.encode(rows);
    if ("issues" in encoded) throw new AppError("conflict", NO_BACKGROUND);
    const { predictions, probabilities } = codec.decode(await run(encoded.tensors));
    for (let at = 0; at < batch.length; at += 1) {
      const { predicted } = subject;
      const value = predicted === undefined ? predictions[at] : probabilities?.[at]?.[predicted];
      values[from + at] = Number(value);
    }
  }
  return values;
}

const NO_BACKGROUND =
  "This version cannot be explained: neither a reference profile nor its signature says what typical values are.";

function mixed(
  { features, row }: { features: readonly string[]; row: Row },
  mask: Uint8Array,
  background: Row,
): Row {
  return Object.fromEntries(
    features.map((name, f) => [name, mask[f] ? row[name] : background[name]]),
  );
}
