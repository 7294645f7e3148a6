import type { ColumnType, DatasetFormat } from "../constants";
import type { Cell } from "../schemas";

/** A feature of a model and the column it is read from. */
export interface ScanFeature {
  name: string;
  type: "number" | "integer" | "boolean" | "category";
  nullable: boolean;
  /** Place of its column in the dataset, from 0. */
  column: number;
}

/** An input of a model; its features stand side by side in a row of it. */
export interface ScanInput {
  datatype: "FP32" | "FP64" | "BYTES";
  features: ScanFeature[];
}

/** What is known of a column since it was uploaded. */
export interface ScanColumn {
  name: string;
  type: ColumnType;
  hasMissing: boolean;
}

/** What the answers to a row are. */
export interface AnswerShape {
  /** The value each label stands for; null for regression. */
  classes: readonly (string | number | boolean)[] | null;
  /** Whether there is a probability for each class. */
  hasProbabilities: boolean;
}

/** One file to scan; both paths are ours. */
export interface ScanTask {
  path: string;
  /** An empty folder of this scan alone. */
  folder: string;
  format: DatasetFormat;
  columns: ScanColumn[];
  inputs: ScanInput[];
  answers: AnswerShape;
  memoryMb: number;
  spillMb: number;
}

/** Rows `from` to before `to`. */
export interface Stretch {
  from: number;
  to: number;
}

/** A row that cannot be given to the model. */
export interface RowFailure {
  row: number;
  message: string;
}

/** The rows of a stretch that fit, in their order. */
export interface ScanRows {
  /** Rows that fit. */
  rows: number;
  /** One an input of the model: rows × features, row-major. */
  inputs: (Float32Array | Float64Array | string[])[];
  /** The others, by row. */
  failures: RowFailure[];
}

/** Answers to the rows of a stretch that were not left out, in their order. */
export interface ScanAnswers extends Stretch {
  /** Rows of the stretch without an answer and why, ascending. */
  leftOut: RowFailure[];
  /** Labels of a classification, values of a regression. */
  values: Float64Array;
  /** Rows × classes, row-major. */
  probabilities?: Float64Array | undefined;
}

/** What the file with all answers holds. */
export interface ResultPlan {
  /** Places of the columns of the dataset that go in. */
  columns: readonly number[];
  /** Number of the model version, a column of its own. */
  modelVersion: number;
  withProbabilities: boolean;
}

export interface ScanResult {
  path: string;
  columns: string[];
  /** First rows, cells in the order of the columns. */
  preview: Cell[][];
}

/** What the process is asked, and what it answers to each. */
export interface ScanCalls {
  open: { ask: ScanTask; answer: { rows: number } };
  read: { ask: Stretch; answer: ScanRows };
  keep: { ask: ScanAnswers; answer: null };
  write: { ask: ResultPlan; answer: ScanResult };
  /** A Parquet file of ours as CSV. */
  convert: { ask: Pick<ScanTask, "path" | "folder" | "memoryMb" | "spillMb">; answer: string };
}

export type ScanCall = {
  [Kind in keyof ScanCalls]: { id: number; kind: Kind; ask: ScanCalls[Kind]["ask"] };
}[keyof ScanCalls];

export type ScanReply =
  | { id: number; ok: true; answer: ScanCalls[keyof ScanCalls]["answer"] }
  | { id: number; ok: false; message: string; unreadable: boolean };
