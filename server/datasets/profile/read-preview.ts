import type { Duck, Row } from "@/server/kernel/process/duck";
import { type ColumnType, PREVIEW_ROWS_MAX } from "../constants";
import type { Cell } from "../schemas";
import { cleanText } from "./text-profile";

const PREVIEW_CHARACTERS_MAX = 2 * 1024 * 1024;

/** The first rows of the table `data`, as many as fit in 2 million characters, one at least. */
export async function readPreview(
  duck: Duck,
  columns: readonly { type: ColumnType }[],
): Promise<Cell[][]> {
  const picked = columns.map(({ type }, i) => {
    if (type === "date") return `cast(c${i} as varchar)`;
    return type === "timestamp" ? `replace(cast(c${i} as varchar), ' ', 'T')` : `c${i}`;
  });
  const rows = await duck.rows(`select ${picked.join(", ")} from data limit ${PREVIEW_ROWS_MAX}`);
  const kept: Cell[][] = [];
  let characters = 0;
  for (const row of rows) {
    const cells = row.map(toCell);
    characters += JSON.stringify(cells).length;
    if (kept.length > 0 && characters > PREVIEW_CHARACTERS_MAX) break;
    kept.push(cells);
  }
  return kept;
}

/** A value as JSON holds it. */
export function toCell(value: Row[number]): Cell {
  if (typeof value === "string") return cleanText(value);
  if (typeof value === "bigint") {
    // A larger whole number would lose digits on its way through JSON.
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  }
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return value;
}
