import { AppError, invalid } from "@/server/kernel/errors";
import type {
  CompiledSignature,
  Predictions,
  Signature,
  Tensor,
} from "@/server/protocols/open-inference/codec";
import { drawsFrom } from "./draws";
import { explainExactly, type Space } from "./explain-exactly";
import type { Graph } from "./graph/read-graph";
import { type Attribution, type Mixed, shapleyValues } from "./shapley";

/** Rows of one request that may be explained. */
export const EXPLAINED_ROWS_MAX = 10;
/** Rows the model is asked for to explain one: all coalitions of eight features. */
const EVALUATIONS = 4096;
/** Rows it is asked for at most, until the standard errors are small. */
const EVALUATIONS_MAX = 32_768;
/** Milliseconds after which no more are asked for, for all rows of a request together. */
const SAMPLING_MS = 5_000;
/** Features beyond which two orders with their reverses do not fit. */
const FEATURES_MAX = EVALUATIONS_MAX / 4 - 1;
/** Rows of one call of the model. */
const BATCH = 512;
/** Nodes of trees that the explanation of one request walks: some seconds at most. */
const WALKED_NODES_MAX = 50_000_000;

type Row = Readonly<Record<string, unknown>>;

/** What moved one prediction. */
export interface FeatureImportance {
  base: number;
  /** Feature to contribution. */
  contributions: Record<string, number>;
  /** Feature to the standard error of its contribution; sampled ones alone have it. */
  standardError?: Record<string, number>;
  /** Classification: the class that is explained, which is the predicted one. */
  class?: string;
  method: Attribution["method"];
  space: Space;
  /** Where typical values came from. */
  background: "profile" | "signature";
}

export interface Explained {
  signature: Signature;
  codec: CompiledSignature;
  /** The version's graph; null where it is not read. */
  graph: Graph | null;
  /** Typical rows for what asks the model, and more of them for what reads its graph. */
  background: { asked: readonly Row[]; read: readonly Row[] };
  backgroundFrom: FeatureImportance["background"];
  /** Asks the model. */
  run: (tensors: readonly Tensor[]) => Promise<readonly Tensor[]>;
}

/**
 * Shapley values of each row's prediction: from the version's graph where that has a closed form, else by
 * asking the model. Throws validation_failed for too many rows or features, for images, and for a
 * classification that gives no probabilities.
 */
export async function explainRows(
  model: Explained,
  rows: readonly unknown[],
  outputs: Predictions,
): Promise<FeatureImportance[]> {
  if (rows.length > EXPLAINED_ROWS_MAX) {
    throw invalid(`At most ${EXPLAINED_ROWS_MAX} rows of a request are explained.`);
  }
  if (model.signature.features.some(({ type }) => type === "image")) {
    throw invalid("Models that take images are not explained.");
  }
  const classes = rows.map((_, at) => classOf(model.signature, outputs, at));
  const exact = await readValues(model, rows, outputs);
  const untilMs = performance.now() + SAMPLING_MS;
  const explained: FeatureImportance[] = [];
  for (const [at, predicted] of classes.entries()) {
    const values = exact?.[at] ?? (await askForValues(model, rows[at] as Row, predicted, untilMs));
    if (!isWhole(values)) throw invalid(NO_NUMBER);
    explained.push({
      ...values,
      ...(predicted === undefined ? {} : { class: predicted }),
      background: model.backgroundFrom,
    });
  }
  return explained;
}

const NO_NUMBER =
  "For this row or for typical ones the model answers no number, so there is nothing to be explained.";

const isWhole = ({ base, contributions }: Values): boolean =>
  [base, ...Object.values(contributions)].every(Number.isFinite);

type Values = Omit<FeatureImportance, "class" | "background">;

const byName = ({ features }: Signature, values: ArrayLike<number>): Record<string, number> =>
  Object.fromEntries(features.map(({ name }, f) => [name, values[f] ?? 0]));

async function readValues(
  { signature, codec, graph, background }: Explained,
  rows: readonly unknown[],
  outputs: Predictions,
): Promise<Values[] | null> {
  if (!graph) return null;
  const encoded = codec.encode([...rows, ...background.read]);
  if ("issues" in encoded) return null;
  const found = await explainExactly({
    graph,
    signature,
    tensors: encoded.tensors,
    explained: rows.length,
    outputs,
    budget: { left: WALKED_NODES_MAX },
  });
  return (
    found?.map(({ base, contributions, space }) => ({
      base,
      contributions: byName(signature, contributions),
      method: "exact",
      space,
    })) ?? null
  );
}

async function askForValues(
  model: Explained,
  row: Row,
  predicted: string | undefined,
  untilMs: number,
): Promise<Values> {
  const { signature, background } = model;
  const features = signature.features.map(({ name }) => name);
  if (features.length > FEATURES_MAX) {
    throw invalid(`At most ${FEATURES_MAX} features of such a model are explained.`);
  }
  const { base, contributions, method, standardErrors } = await shapleyValues(
    features.length,
    background.asked.length,
    (asked) => evaluate(model, { features, row, predicted }, asked),
    {
      evaluations: EVALUATIONS,
      evaluationsMax: EVALUATIONS_MAX,
      draw: drawsFrom(features.length),
      isOver: () => performance.now() > untilMs,
    },
  );
  return {
    base,
    contributions: byName(signature, contributions),
    ...(standardErrors && { standardError: byName(signature, standardErrors) }),
    method,
    space: predicted === undefined ? "prediction" : "probability",
  };
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
      mixed(subject, mask, background.asked[at] ?? {}),
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
