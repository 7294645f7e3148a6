import type { Signature } from "@/server/protocols/open-inference/codec";

/** A cell as a dataset gives it. */
type Cell = string | number | boolean | null;

/** A row for the model and what should come out. */
export interface Sample {
  row: Record<string, unknown>;
  /** Index into the classes, or the number itself. */
  truth: number;
}

/** Names of the columns a signature needs and a table lacks. */
export function missingColumns(
  columns: readonly string[],
  features: readonly { name: string }[],
  target: string,
): string[] {
  const present = new Set(columns);
  return [...features.map(({ name }) => name), target].filter((name) => !present.has(name));
}

/**
 * Rows of a table as the model takes them. Rows without a truth, or with one the model does not know,
 * are left out: there is nothing to measure. Pure.
 */
export function prepareRows(
  table: { columns: readonly { name: string }[]; rows: readonly (readonly Cell[])[] },
  signature: Pick<Signature, "task" | "features" | "classes">,
  target: string,
): Sample[] {
  const at = new Map(table.columns.map(({ name }, index) => [name, index]));
  const targetAt = at.get(target) ?? -1;
  const classes = new Map((signature.classes ?? []).map((one, index) => [String(one), index]));
  return table.rows.flatMap((cells) => {
    const truth = truthOf(cells[targetAt] ?? null, signature.task, classes);
    if (truth === undefined) return [];
    const row = Object.fromEntries(
      signature.features.map(({ name, type }) => [name, cellFor(cells[at.get(name) ?? -1], type)]),
    );
    return [{ row, truth }];
  });
}

function truthOf(
  cell: Cell,
  task: Signature["task"],
  classes: ReadonlyMap<string, number>,
): number | undefined {
  if (cell === null) return undefined;
  if (task === "classification") return classes.get(String(cell));
  return typeof cell === "number" ? cell : undefined;
}

type FeatureType = Signature["features"][number]["type"];

/** A dataset knows 0 and 1 where a signature says boolean, and numbers where it says category. */
function cellFor(cell: Cell | undefined, type: FeatureType): Cell {
  if (cell === undefined || cell === null) return null;
  if (type === "category") return String(cell);
  if (type === "boolean") return cell === 1 ? true : cell === 0 ? false : cell;
  return typeof cell === "boolean" ? Number(cell) : cell;
}
