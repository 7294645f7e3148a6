import type { Attribute } from "../graph/read-graph";
import { UnreadableGraph } from "../graph/unreadable-graph";
import { type Ensemble, MODE, type Transform } from "./ensemble";

type Attributes = ReadonlyMap<string, Attribute>;

/** Numbers of nodes_modes, aggregate_function and post_transform (ai.onnx.ml 5, TreeEnsemble). */
const MODES = [MODE.leq, MODE.lt, MODE.gte, MODE.gt, MODE.eq, MODE.neq];
const AVERAGE = 0;
const SUM = 1;
const TRANSFORMS: Readonly<Record<number, Transform>> = { 0: "NONE", 1: "SOFTMAX", 2: "LOGISTIC" };

/**
 * A TreeEnsemble of ai.onnx.ml 5, whose inner nodes and leaves are numbered apart: leaves follow the
 * nodes here. Throws UnreadableGraph.
 */
export function readLeafEnsemble(attributes: Attributes): Ensemble {
  const list = (name: string) => attributes.get(name)?.ints ?? [];
  const numbers = (name: string) => attributes.get(name)?.tensor?.data ?? [];
  const inner = list("nodes_featureids").length;
  const targetIds = list("leaf_targetids");
  const total = inner + targetIds.length;
  const follow = (ids: readonly number[], isLeaf: readonly number[]) =>
    Int32Array.from({ length: total }, (_, at) => {
      if (at >= inner) return -1;
      const next = (ids[at] ?? -1) + (isLeaf[at] ? inner : 0);
      if (next < 0 || next >= total) throw new UnreadableGraph("the trees are not whole");
      return next;
    });
  const roots = Int32Array.from(list("tree_roots"));
  const targets = attributes.get("n_targets")?.int ?? 1;
  const divisor = divisorOf(attributes.get("aggregate_function")?.int ?? SUM, roots.length);
  const weights = numbers("leaf_weights");
  const tracks = list("nodes_missing_value_tracks_true");
  if (targetIds.some((id) => id < 0 || id >= targets)) throw new UnreadableGraph("unknown target");
  return {
    roots,
    column: Int32Array.from({ length: total }, (_, at) => list("nodes_featureids")[at] ?? -1),
    mode: modesOf(numbers("nodes_modes"), inner, total),
    threshold: Float64Array.from({ length: total }, (_, at) =>
      Number(numbers("nodes_splits")[at] ?? 0),
    ),
    yes: follow(list("nodes_truenodeids"), list("nodes_trueleafs")),
    no: follow(list("nodes_falsenodeids"), list("nodes_falseleafs")),
    missingYes: Uint8Array.from({ length: total }, (_, at) => (tracks[at] ? 1 : 0)),
    leafStart: Int32Array.from({ length: total + 1 }, (_, at) => Math.max(0, at - inner)),
    leafTarget: Int32Array.from(targetIds),
    leafWeight: Float64Array.from(targetIds, (_, at) => Number(weights[at] ?? 0) / divisor),
    targets,
    base: new Float64Array(targets),
    transform: transformOf(attributes.get("post_transform")?.int ?? 0),
    second: "none",
  };
}

function modesOf(numbers: ArrayLike<number | string>, inner: number, total: number): Uint8Array {
  return Uint8Array.from({ length: total }, (_, at) => {
    if (at >= inner) return MODE.leaf;
    const mode = MODES[Number(numbers[at] ?? -1)];
    if (mode === undefined) throw new UnreadableGraph("nodes compare with a set");
    return mode;
  });
}

function divisorOf(how: number, trees: number): number {
  if (how === SUM) return 1;
  if (how === AVERAGE) return trees;
  throw new UnreadableGraph("the least or the greatest of the trees is taken");
}

function transformOf(number: number): Transform {
  const known = TRANSFORMS[number];
  if (known) return known;
  throw new UnreadableGraph(`the scores are transformed by ${number}`);
}
