export type PreviewKind = "image" | "markdown" | "json" | "table" | "text";

const IMAGES: Record<string, string> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
};
const TEXT = new Set(
  "txt log md yaml yml toml cfg ini py r sql sh html svg xml env lock csv tsv json jsonl MLmodel".split(
    " ",
  ),
);

const extensionOf = (path: string): string => {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return name.includes(".") ? name.slice(name.lastIndexOf(".") + 1).toLowerCase() : name;
};

/**
 * How a file can be shown, by its name; null when it cannot. HTML and SVG are shown as their source:
 * what a run logged is never run in the reader's session.
 */
export function previewKind(path: string): PreviewKind | null {
  const extension = extensionOf(path);
  if (extension in IMAGES) return "image";
  if (extension === "md") return "markdown";
  if (extension === "json") return "json";
  if (extension === "csv" || extension === "tsv") return "table";
  return TEXT.has(extension) ? "text" : null;
}

/** The type a browser must read an image as; undefined for other files. */
export const imageType = (path: string): string | undefined => IMAGES[extensionOf(path)];

export interface Table {
  columns: string[];
  rows: string[][];
}

/** Lines of comma- or tab-separated text (RFC 4180); quoted fields may hold separators and lines. */
export function parseSeparated(text: string, separator: "," | "\t"): Table {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = "";
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (quoted) {
      if (char !== '"') field += char;
      else if (text[at + 1] === '"') {
        field += '"';
        at += 1;
      } else quoted = false;
    } else if (char === '"' && field === "") quoted = true;
    else if (char === separator) {
      row.push(field);
      field = "";
    } else if (char === "\n") {
      rows.push([...row, field.replace(/\r$/, "")]);
      row = [];
      field = "";
    } else field += char;
  }
  if (field !== "" || row.length > 0) rows.push([...row, field]);
  const [columns = [], ...rest] = rows;
  return { columns, rows: rest };
}

/** What MLflow's log_table and pandas' "split" orientation write; undefined for any other JSON. */
export function tableOfJson(value: unknown): Table | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { columns, data } = value as { columns?: unknown; data?: unknown };
  if (!Array.isArray(columns) || !Array.isArray(data)) return undefined;
  if (!data.every((row) => Array.isArray(row))) return undefined;
  const show = (cell: unknown) => (typeof cell === "string" ? cell : JSON.stringify(cell));
  return { columns: columns.map(String), rows: data.map((row: unknown[]) => row.map(show)) };
}
