export interface Placed<N> {
  node: N;
  /** Column from the left, row from the top. */
  column: number;
  row: number;
}

/**
 * Layers a directed graph by longest path, so that every edge points to the right, then moves each
 * node next to what it points at, so that few edges cross a column. Rows follow the mean row of
 * what points at a node. An edge that would close a circle is ignored.
 */
export function layoutGraph<N extends { id: string }>(
  nodes: N[],
  edges: { from: string; to: string }[],
): Placed<N>[] {
  const sources = new Map(nodes.map((node) => [node.id, [] as string[]]));
  for (const edge of edges) {
    if (sources.has(edge.from)) sources.get(edge.to)?.push(edge.from);
  }
  const columns = new Map<string, number>();
  const columnOf = (id: string, path: ReadonlySet<string>): number => {
    const known = columns.get(id);
    if (known !== undefined) return known;
    const before = (sources.get(id) ?? []).filter((source) => !path.has(source));
    const next = new Set(path).add(id);
    const column = Math.max(-1, ...before.map((source) => columnOf(source, next))) + 1;
    columns.set(id, column);
    return column;
  };
  for (const node of nodes) columnOf(node.id, new Set());
  moveRight(nodes, edges, columns);
  return placeRows(nodes, columns, sources);
}

function moveRight(
  nodes: { id: string }[],
  edges: { from: string; to: string }[],
  columns: Map<string, number>,
): void {
  const column = (id: string) => columns.get(id) ?? 0;
  for (const { id } of nodes.toSorted((a, b) => column(b.id) - column(a.id))) {
    const targets = edges
      .filter((edge) => edge.from === id && column(edge.to) > column(id))
      .map((edge) => column(edge.to));
    if (targets.length > 0) columns.set(id, Math.min(...targets) - 1);
  }
}

function placeRows<N extends { id: string }>(
  nodes: N[],
  columns: Map<string, number>,
  sources: Map<string, string[]>,
): Placed<N>[] {
  const rows = new Map<string, number>();
  const last = Math.max(0, ...columns.values());
  const placed: Placed<N>[] = [];
  for (let column = 0; column <= last; column += 1) {
    const mean = (id: string) => {
      const known = (sources.get(id) ?? []).flatMap((source) => rows.get(source) ?? []);
      return known.length === 0 ? 0 : known.reduce((a, b) => a + b, 0) / known.length;
    };
    nodes
      .filter((node) => columns.get(node.id) === column)
      .sort((a, b) => mean(a.id) - mean(b.id))
      .forEach((node, row) => {
        rows.set(node.id, row);
        placed.push({ node, column, row });
      });
  }
  return placed;
}
