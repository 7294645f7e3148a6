import type { LineageEdge, LineageNode } from "../schemas";
import type { Frontier, Step } from "./step-up";

/** More than a page can draw. */
const NODES_MAX = 500;

export interface Walk {
  nodes: Map<string, LineageNode>;
  edges: Map<string, LineageEdge>;
  truncated: boolean;
}

export const newWalk = (nodes: LineageNode[]): Walk => ({
  nodes: new Map(nodes.map((node) => [node.id, node])),
  edges: new Map(),
  truncated: false,
});

const isEmpty = ({ versions, runIds, datasetIds }: Frontier): boolean =>
  versions.length + runIds.length + datasetIds.length === 0;

/** Adds to `walk` what `depth` steps reach; nothing is entered twice, so a circle ends. */
export async function walkLineage(
  walk: Walk,
  start: Frontier,
  depth: number,
  step: (from: Frontier) => Promise<Step>,
): Promise<void> {
  const seen = new Set(start.versions.map(({ id }) => id));
  let frontier = start;
  for (let i = 0; i < depth && !isEmpty(frontier); i += 1) {
    const { nodes, edges, next } = await step(frontier);
    for (const node of nodes) {
      if (walk.nodes.has(node.id)) continue;
      if (walk.nodes.size >= NODES_MAX) walk.truncated = true;
      else walk.nodes.set(node.id, node);
    }
    for (const edge of edges) walk.edges.set(`${edge.from} ${edge.to} ${edge.label}`, edge);
    if (walk.truncated) return;
    const fresh = (id: string) => !seen.has(id) && seen.add(id);
    frontier = {
      versions: next.versions.filter(({ id }) => fresh(id)),
      runIds: next.runIds.filter(fresh),
      datasetIds: next.datasetIds.filter(fresh),
    };
  }
}

/** The graph of a walk: edges whose ends are both shown. */
export const graphOf = ({ nodes, edges, truncated }: Walk) => ({
  nodes: [...nodes.values()],
  edges: [...edges.values()].filter(({ from, to }) => nodes.has(from) && nodes.has(to)),
  truncated,
});
