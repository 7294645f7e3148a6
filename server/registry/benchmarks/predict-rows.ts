import type { InferenceNodes, NodeModel } from "@/server/kernel/ports";
import {
  type CompiledSignature,
  compileSignature,
  type Signature,
} from "@/server/protocols/open-inference/codec";
import { type Measured, measureClasses, measureNumbers } from "./measure-predictions";
import type { Sample } from "./prepare-rows";

/** Rows of one call; a node cuts them further where a model is slow. */
const CHUNK_ROWS = 500;

export interface RunOutcome {
  rows: number;
  metrics: Measured;
  durationMs: number;
}

/**
 * Runs a model on prepared rows through an inference node and measures its answers. `onProgress`
 * gets the share done and answers false to stop, which gives undefined.
 */
export async function predictRows(
  nodes: InferenceNodes,
  model: NodeModel,
  signature: Signature,
  samples: readonly Sample[],
  onProgress: (share: number) => Promise<boolean>,
): Promise<RunOutcome | undefined> {
  const codec = compileSignature(signature);
  const gathered: Answers = { truth: [], predicted: [], probabilities: [] };
  let durationMs = 0;
  for (let at = 0; at < samples.length; at += CHUNK_ROWS) {
    if (!(await onProgress(at / samples.length))) return undefined;
    const fit = fitting(codec, samples.slice(at, at + CHUNK_ROWS));
    if (fit.tensors.length === 0) continue;
    const answer = await nodes.infer(model, 1, fit.tensors);
    durationMs += answer.timings.computeMs;
    collect(gathered, codec, fit.samples, answer.tensors, signature);
  }
  const { truth, predicted, probabilities } = gathered;
  const classes = signature.classes?.length ?? 0;
  const metrics =
    signature.task === "classification"
      ? measureClasses(
          truth,
          predicted,
          probabilities.length === truth.length ? probabilities : null,
          classes,
        )
      : measureNumbers(truth, predicted);
  return { rows: truth.length, metrics, durationMs };
}

interface Answers {
  truth: number[];
  predicted: number[];
  probabilities: number[][];
}

type Tensors = Parameters<InferenceNodes["infer"]>[2];

/** The rows of a chunk that the signature takes; a row that does not fit is left out, not guessed. */
function fitting(codec: CompiledSignature, samples: readonly Sample[]) {
  const none: Tensors = [];
  const whole = codec.encode(samples.map(({ row }) => row));
  if ("tensors" in whole) return { samples, tensors: whole.tensors as Tensors };
  const good = samples.filter(({ row }) => "tensors" in codec.encode([row]));
  const rest = codec.encode(good.map(({ row }) => row));
  if (good.length === 0 || !("tensors" in rest)) return { samples: [], tensors: none };
  return { samples: good, tensors: rest.tensors as Tensors };
}

function collect(
  into: Answers,
  codec: CompiledSignature,
  samples: readonly Sample[],
  tensors: Parameters<CompiledSignature["decode"]>[0],
  signature: Signature,
): void {
  const { predictions, probabilities } = codec.decode(tensors);
  const names = (signature.classes ?? []).map(String);
  samples.forEach(({ truth }, at) => {
    const said = predictions[at];
    into.truth.push(truth);
    into.predicted.push(
      signature.task === "classification" ? names.indexOf(String(said)) : Number(said),
    );
    const row = probabilities?.[at];
    if (row) into.probabilities.push(names.map((name) => row[name] ?? 0));
  });
}
