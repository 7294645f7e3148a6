import { compileImage, DecodedImage } from "./image-input";
import type { Signature, SignatureFeature } from "./signature";
import type { Tensor } from "./tensor";

/** At most this many problems are told about one request. */
export const ISSUES_MAX = 20;

/** One problem with one value; `row` counts from 0. */
export type RowIssue = {
  row: number;
  feature: string | null;
  expected: string;
  got: string;
  message: string;
};

export type EncodeResult = { tensors: Tensor[] } | { issues: RowIssue[] };

/** A value as JSON gives it. */
type FeatureRow = Record<string, unknown>;

type Column = {
  name: string;
  type: SignatureFeature["type"];
  nullable: boolean;
  /** Index of the input tensor and of the column within its rows. */
  input: number;
  at: number;
  /** Writes an image into the tensor. */
  draw: ReturnType<typeof compileImage> | undefined;
};

/**
 * Prepares the way from rows of named features to input tensors for one signature. The closure it
 * returns runs once a request: it fills one typed array and one string array in a single pass.
 */
export function compileEncoder(signature: Signature): (rows: readonly unknown[]) => EncodeResult {
  const columns = placeColumns(signature);
  const known = new Set(columns.map((column) => column.name));
  const { inputs } = signature;
  const widths = inputs.map(({ shape }) =>
    shape.slice(1).reduce((product, length) => product * length, 1),
  );
  return (rows) => {
    const issues: RowIssue[] = [];
    const data = inputs.map((input, index) =>
      allocateRows(input, rows.length * (widths[index] ?? 0)),
    );
    for (let row = 0; row < rows.length && issues.length < ISSUES_MAX; row++) {
      const values = rows[row];
      if (!isRow(values)) {
        issues.push(issue(row, null, "an object of feature values", values));
        continue;
      }
      let present = 0;
      for (const column of columns) {
        const value = Object.hasOwn(values, column.name) ? values[column.name] : undefined;
        if (value !== undefined) present++;
        const width = widths[column.input] ?? 0;
        if (!fillCell(column, value, data[column.input] ?? [], row * width))
          if (issues.length < ISSUES_MAX)
            issues.push(issue(row, column.name, expectation(column), value));
      }
      if (Object.keys(values).length !== present) addUnknown(issues, row, values, known);
    }
    if (issues.length > 0) return { issues };
    return {
      tensors: inputs.map((input, index) => ({
        name: input.name,
        datatype: input.datatype,
        shape: [rows.length, ...input.shape.slice(1)],
        data: data[index] ?? [],
      })),
    };
  };
}

function placeColumns(signature: Signature): Column[] {
  const features = new Map(signature.features.map((feature) => [feature.name, feature]));
  return signature.inputs.flatMap((input, index) =>
    input.columns.flatMap((name, at) => {
      const feature = features.get(name);
      if (feature === undefined) return [];
      const draw = input.image && compileImage(input.image);
      return [{ name, type: feature.type, nullable: feature.nullable, input: index, at, draw }];
    }),
  );
}

function allocateRows({ datatype }: Signature["inputs"][number], length: number) {
  if (datatype === "BYTES") return new Array<string>(length).fill("");
  if (datatype === "UINT8") return new Uint8Array(length);
  return datatype === "FP32" ? new Float32Array(length) : new Float64Array(length);
}

/** Writes a value into the row that begins at `from`; false when it does not fit the feature. */
function fillCell(
  column: Column,
  value: unknown,
  into: ReturnType<typeof allocateRows>,
  from: number,
): boolean {
  if (column.draw) {
    if (!(value instanceof DecodedImage) || Array.isArray(into)) return false;
    column.draw(value.pixels, into, from);
    return true;
  }
  const cell = encodeCell(column, value);
  if (cell === undefined) return false;
  (into as (string | number)[])[from + column.at] = cell;
  return true;
}

function isRow(value: unknown): value is FeatureRow {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The tensor element for a value, or undefined when the value does not fit the feature. */
function encodeCell(column: Column, value: unknown): number | string | undefined {
  if (column.type === "category") {
    if (typeof value === "string" && value !== "") return value;
    return column.nullable && (value === undefined || value === null || value === "")
      ? ""
      : undefined;
  }
  if (value === undefined || value === null) return column.nullable ? Number.NaN : undefined;
  if (column.type === "boolean") return typeof value === "boolean" ? Number(value) : undefined;
  if (typeof value !== "number" || !Number.isFinite(value)) return undefined;
  return column.type === "number" || Number.isInteger(value) ? value : undefined;
}

const EXPECTED = {
  number: "a number",
  integer: "an integer",
  boolean: "true or false",
  category: "a string",
  image: "a PNG, JPEG or WebP image in base64",
} as const satisfies Record<Column["type"], string>;

function expectation(column: Column): string {
  return column.nullable ? `${EXPECTED[column.type]} or null` : EXPECTED[column.type];
}

function addUnknown(
  issues: RowIssue[],
  row: number,
  values: FeatureRow,
  known: ReadonlySet<string>,
): void {
  for (const name of Object.keys(values)) {
    if (issues.length >= ISSUES_MAX) return;
    if (!known.has(name)) issues.push(issue(row, name, "no such feature", values[name]));
  }
}

function issue(row: number, feature: string | null, expected: string, value: unknown): RowIssue {
  const got = spell(value);
  const shown = feature === null ? null : shorten(feature);
  if (expected === "no such feature")
    return {
      row,
      feature: shown,
      expected,
      got,
      message: `row ${row}: ${shown} is not a feature of this model`,
    };
  const subject = shown === null ? "" : `feature ${shown} `;
  const message =
    value === undefined
      ? `row ${row}: ${subject}is missing, expected ${expected}`
      : `row ${row}: ${subject}must be ${expected}, got ${got}`;
  return { row, feature: shown, expected, got, message };
}

function spell(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string")
    return value === "" ? "an empty string" : JSON.stringify(shorten(value));
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
