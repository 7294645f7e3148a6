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
  const nodeIds = list(`${prefix}_nodeids`);
  const owners = list(`${prefix}_treeids`);
  const leaves = leavesOf(
    nodes.arrays.mode.length,
    {
      node: Int32Array.from(owners, (tree, at) => nodes.find(tree, nodeIds[at] ?? -1)),
      target: isBinary ? new Int32Array(owners.length) : Int32Array.from(ids),
      weight: weights,
    },
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
  const roots: number[] = [];
  for (let at = 0; at < follows.length; at += 1) if (follows[at] === 0) roots.push(at);
  if (new Set(roots.map((at) => trees[at])).size !== roots.length) {
    throw new UnreadableGraph("a tree has two roots");
  }
  return Int32Array.from(roots);
}

/** Nodes of a tree mostly stand together, numbered from 0; a map is made for those that do not. */
function finder(trees: readonly number[], ids: readonly number[]): Nodes["find"] {
  const starts = new Map<number, number>();
  for (let at = 0; at < trees.length; at += 1) {
    const tree = trees[at] ?? 0;
    if (trees[at - 1] !== tree && !starts.has(tree)) starts.set(tree, at);
  }
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

/** One entry a weight: whose it is, for which target, and how much. */
interface Leaves {
  node: Int32Array;
  target: Int32Array;
  weight: ArrayLike<number>;
}

/** Weights put in the order of their nodes. */
function leavesOf(
  nodes: number,
  { node, target, weight }: Leaves,
  divisor: number,
  targets: number,
): Pick<Ensemble, "leafStart" | "leafTarget" | "leafWeight"> {
  const leafStart = new Int32Array(nodes + 1);
  for (let at = 0; at < node.length; at += 1) {
    const one = target[at] ?? -1;
    if (one < 0 || one >= targets) throw new UnreadableGraph(`there is no target ${one}`);
    const next = (node[at] ?? 0) + 1;
    leafStart[next] = (leafStart[next] ?? 0) + 1;
  }
  for (let at = 1; at <= nodes; at += 1) {
    leafStart[at] = (leafStart[at] ?? 0) + (leafStart[at - 1] ?? 0);
  }
  const free = leafStart.slice();
  const leafTarget = new Int32Array(node.length);
  const leafWeight = new Float64Array(node.length);
  for (let at = 0; at < node.length; at += 1) {
    const owner = node[at] ?? 0;
    const place = free[owner] ?? 0;
    free[owner] = place + 1;
    leafTarget[place] = target[at] ?? 0;
    leafWeight[place] = (weight[at] ?? 0) / divisor;
  }
  return { leafStart, leafTarget, leafWeight };
}
