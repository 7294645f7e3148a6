import { createHash } from "node:crypto";
import type { NodeModel } from "@/server/kernel/ports";
import { KEPT_FOR_LABEL } from "./constants";

/** Labels a node must have, each with this value; an empty set fits every node. */
export type NodeSelector = Readonly<Record<string, string>>;

/** What nodes in Python announce, and those of them that run PyTorch archives. */
const OF_PYTHON: NodeSelector = { runtime: "python" };
const OF_PT2: NodeSelector = { ...OF_PYTHON, torch: "yes" };

/**
 * Whether a node of these labels would take a model. Those in Python alone take what is no ONNX, and
 * ONNX where they are asked for by name: the others are faster at it.
 */
export const fitsModel = (
  labels: NodeSelector,
  { format, selector }: Pick<NodeModel, "format" | "selector">,
): boolean =>
  matchesSelector(labels, selector ?? {}) &&
  (format === undefined
    ? labels.runtime !== OF_PYTHON.runtime || selector?.runtime === OF_PYTHON.runtime
    : matchesSelector(labels, format === "pt2" ? OF_PT2 : OF_PYTHON));

/** What placement knows of a node. */
export interface Placeable {
  readonly url: string;
  readonly labels: NodeSelector;
  /** Share of the models it takes, in proportion to the others; above 0. */
  readonly weight: number;
}

export const matchesSelector = (labels: NodeSelector, selector: NodeSelector): boolean =>
  Object.entries(selector).every(([key, value]) => labels[key] === value);

/**
 * The fixed order in which nodes are asked to hold a version: rendezvous hashing with the score
 * −weight / ln(hash) (Schindelhauer and Schomaker 2005), so that a node comes first for its share of
 * the versions, and a node that comes or goes moves only what it takes or held.
 */
export function placementOrder<T extends Placeable>(versionId: string, nodes: readonly T[]): T[] {
  return nodes
    .map((node) => ({ node, score: -node.weight / Math.log(unitHash(`${versionId} ${node.url}`)) }))
    .sort((a, b) => b.score - a.score || (a.node.url < b.node.url ? -1 : 1))
    .map(({ node }) => node);
}

const STEPS = 2 ** 48;

/** Evenly spread over (0, 1). */
function unitHash(text: string): number {
  const digest = createHash("sha256").update(text).digest();
  return (digest.readUIntBE(0, 6) + 0.5) / STEPS;
}

/**
 * The nodes a version of a deployment may be on, in their order: those kept for the deployment come
 * first, shared ones stand in, and those kept for another do not. What is no deployment's takes any
 * node where none is shared. `isOpposite` begins at the other end.
 */
export function placementFor<T extends Placeable>(
  versionId: string,
  deploymentId: string | undefined,
  nodes: readonly T[],
  isOpposite = false,
): T[] {
  const placed = placementOrder(versionId, nodes);
  const order = isOpposite ? placed.reverse() : placed;
  const keptFor = (node: T) => node.labels[KEPT_FOR_LABEL];
  const shared = order.filter((node) => keptFor(node) === undefined);
  if (deploymentId !== undefined)
    return [...order.filter((node) => keptFor(node) === deploymentId), ...shared];
  return shared.length > 0 ? shared : order;
}
