import type { Attribute } from "../graph/read-graph";
import { UnreadableGraph } from "../graph/unreadable-graph";
import { type Ensemble, MODE, type Transform } from "./ensemble";
import { readLeafEnsemble } from "./read-leaf-ensemble";

type Attributes = ReadonlyMap<string, Attribute>;

const OPERATORS = ["TreeEnsembleRegressor", "TreeEnsembleClassifier", "TreeEnsemble"];
export const isEnsemble = (operator: string): boolean => OPERATORS.includes(operator);

const MODES: Readonly<Record<string, number>> = {
  LEAF: MODE.leaf,
  BRANCH_LEQ: MODE.leq,
  BRANCH_LT: MODE.lt,
  BRANCH_GTE: MODE.gte,
  BRANCH_GT: MODE.gt,
  BRANCH_EQ: MODE.eq,
  BRANCH_NEQ: MODE.neq,
};

/** A tree operator of ai.onnx.ml as an ensemble. Throws UnreadableGraph for what is no sum of trees. */
export function readEnsemble(operator: string, attributes: Attributes): Ensemble {
  if (operator === "TreeEnsemble") return readLeafEnsemble(attributes);
  const isClassifier = operator === "TreeEnsembleClassifier";
  const nodes = readNodes(attributes);
  const prefix = isClassifier ? "class" : "target";
  const list = (name: string) => attributes.get(name)?.ints ?? [];
  const weights = numbersOf(attributes, `${prefix}_weights`);
  const ids = list(`${prefix}_ids`);
  const classes = Math.max(
    list("classlabels_int64s").length,
    attributes.get("classlabels_strings")?.texts.length ?? 0,
  );
  // Two classes of which leaves name one keep one score (onnxruntime's binary case).
  const isBinary = isClassifier && classes === 2 && new Set(ids).size === 1;
  const targets = isBinary ? 1 : isClassifier ? classes : (attributes.get("n_targets")?.int ?? 1);
  const leaves = leavesOf(
    nodes,
    list(`${prefix}_treeids`).map((tree, at) => ({
      node: nodes.find(tree, list(`${prefix}_nodeids`)[at] ?? -1),
      target: isBinary ? 0 : (ids[at] ?? 0),
      weight: weights[at] ?? 0,
    })),
    divisorOf(attributes, nodes.roots.length),
    targets,
  );
  const isPositive = weights.every((weight) => weight >= 0);
  return {
    ...nodes.arrays,
    ...leaves,
    roots: nodes.roots,
    targets,
    base: baseOf(numbersOf(attributes, "base_values"), targets, isBinary),
    transform: transformOf(attributes.get("post_transform")?.text ?? "NONE"),
    second: isBinary ? (isPositive ? "complement" : "opposite") : "none",
  };
}

function baseOf(values: ArrayLike<number>, targets: number, isBinary: boolean): Float64Array {
  if (isBinary && values.length > 1) throw new UnreadableGraph("two base values for one score");
  return Float64Array.from({ length: targets }, (_, at) => values[at] ?? 0);
}

function divisorOf(attributes: Attributes, trees: number): number {
  const how = attributes.get("aggregate_function")?.text ?? "SUM";
  if (how === "SUM") return 1;
  if (how === "AVERAGE") return trees;
  throw new UnreadableGraph(`the trees are joined by ${how}`);
}

export function transformOf(name: string): Transform {
  if (name === "NONE" || name === "LOGISTIC" || name === "SOFTMAX") return name;
  throw new UnreadableGraph(`the scores are transformed by ${name}`);
}

/** An attribute that came as a list of floats or as a tensor. */
export function numbersOf(attributes: Attributes, name: string): number[] | Float64Array {
  const data = attributes.get(`${name}_as_tensor`)?.tensor?.data;
  return data instanceof Float64Array ? data : (attributes.get(name)?.floats ?? []);
}

interface Nodes {
  arrays: Pick<Ensemble, "column" | "mode" | "threshold" | "yes" | "no" | "missingYes">;
  roots: Int32Array;
  /** Place of a node in the arrays. Throws UnreadableGraph. */
  find: (tree: number, id: number) => number;
}

function readNodes(attributes: Attributes): Nodes {
  const list = (name: string) => attributes.get(name)?.ints ?? [];
  const trees = list("nodes_treeids");
  const find = finder(trees, list("nodes_nodeids"));
  const mode = Uint8Array.from(attributes.get("nodes_modes")?.texts ?? [], (name) => {
    const known = MODES[name];
    if (known === undefined) throw new UnreadableGraph(`nodes compare by ${name}`);
    return known;
  });
  if (mode.length !== trees.length) throw new UnreadableGraph("the trees are not whole");
  const follow = (name: string) => {
    const next = list(name);
    return Int32Array.from(trees, (tree, at) =>
      mode[at] === MODE.leaf ? -1 : find(tree, next[at] ?? -1),
    );
  };
  const arrays = {
    column: Int32Array.from(list("nodes_featureids")),
    mode,
    threshold: Float64Array.from(numbersOf(attributes, "nodes_values")),
    yes: follow("nodes_truenodeids"),
    no: follow("nodes_falsenodeids"),
    missingYes: Uint8Array.from({ length: trees.length }, trueAt(list(TRACKS))),
  };
  return { arrays, roots: rootsOf(trees, arrays), find };
}

const TRACKS = "nodes_missing_value_tracks_true";
const trueAt = (list: readonly number[]) => (_: unknown, at: number) => (list[at] ? 1 : 0);

/** A tree begins at the one node that follows no other. */
function rootsOf(trees: readonly number[], { yes, no }: Nodes["arrays"]): Int32Array {
  const follows = new Uint8Array(trees.length);
  for (const next of [yes, no]) for (const node of next) if (node >= 0) follows[node] = 1;
  const roots = trees.flatMap((_, at) => (follows[at] ? [] : [at]));
  if (new Set(roots.map((at) => trees[at])).size !== roots.length) {
    throw new UnreadableGraph("a tree has two roots");
  }
  return Int32Array.from(roots);
}

/** Nodes of a tree mostly stand together, numbered from 0; a map is made for those that do not. */
function finder(trees: readonly number[], ids: readonly number[]): Nodes["find"] {
  const starts = new Map<number, number>();
  trees.forEach((tree, at) => {
    if (!starts.has(tree)) starts.set(tree, at);
  });
  let places: Map<string, number> | undefined;
  return (tree, id) => {
    const guess = (starts.get(tree) ?? -1) + id;
    if (trees[guess] === tree && ids[guess] === id) return guess;
    places ??= new Map(trees.map((one, at) => [`${one}/${ids[at]}`, at]));
    const found = places.get(`${tree}/${id}`);
    if (found === undefined) throw new UnreadableGraph(`tree ${tree} has no node ${id}`);
    return found;
  };
}

interface Leaf {
  node: number;
  target: number;
  weight: number;
}

/** Weights put in the order of their nodes. */
export function leavesOf(
  { arrays }: { arrays: { mode: Uint8Array } },
  leaves: readonly Leaf[],
  divisor: number,
  targets: number,
): Pick<Ensemble, "leafStart" | "leafTarget" | "leafWeight"> {
  const leafStart = new Int32Array(arrays.mode.length + 1);
  for (const { node, target } of leaves) {
    if (target < 0 || target >= targets) throw new UnreadableGraph(`there is no target ${target}`);
    leafStart[node + 1] = (leafStart[node + 1] ?? 0) + 1;
  }
  for (let node = 1; node < leafStart.length; node += 1) {
    leafStart[node] = (leafStart[node] ?? 0) + (leafStart[node - 1] ?? 0);
  }
  const free = leafStart.slice();
  const leafTarget = new Int32Array(leaves.length);
  const leafWeight = new Float64Array(leaves.length);
  for (const { node, target, weight } of leaves) {
    const at = free[node] ?? 0;
    free[node] = at + 1;
    leafTarget[at] = target;
    leafWeight[at] = weight / divisor;
  }
  return { leafStart, leafTarget, leafWeight };
}
