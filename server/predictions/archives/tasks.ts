import type { QualitySum } from "@/server/deployments";
import type { ArchiveRow } from "./archive-table";

/** What every task says; paths are ours, made for this task alone. */
interface Files {
  paths: readonly string[];
  spillFolder: string;
  memoryMb: number;
  spillMb: number;
}

/** A request's place in the log: when it was answered (milliseconds since the epoch) and its id. */
export type Place = readonly [atMs: number, requestId: string];

/** What narrows a search; everything that is given must fit. Names were made ids before. */
export interface Conditions {
  deploymentId?: string | undefined;
  requestId?: string | undefined;
  fromMs?: number | undefined;
  /** Excluded. */
  toMs?: number | undefined;
  variantIds?: readonly string[] | undefined;
  versionIds?: readonly string[] | undefined;
  /** Both included. */
  status?: readonly [number, number] | undefined;
  lane?: string | undefined;
  isPinned?: boolean | undefined;
  latencyAboveUs?: number | undefined;
  unit?: string | undefined;
  /** Any row of the request has the value, as text or as what the text means in JSON. */
  feature?: { name: string; value: string } | undefined;
  /** Whether the request's id stands in the file of ids. */
  outcome?: { idsPath: string; isKnown: boolean } | undefined;
}

export interface FindTask extends Files {
  kind: "find";
  where: Conditions;
  order: "asc" | "desc";
  /** Only what comes behind it. */
  after: Place | undefined;
  limit: number;
  /** Payload of the answer; one row is given whatever it holds. */
  bytesMax: number;
  /** Rows of features and predictions one request shows. */
  rowsShown: number;
}

/** Counts a file and digests its ids in the order of the log. */
export interface CheckTask extends Files {
  kind: "check";
}

/** Expressions by column; a request is meant where one fits. */
export type Meant = Partial<Record<"unit" | "inputs" | "outputs" | "error", RegExp>>;

/** Finds the requests somebody is meant in, from a row of the file on. */
export interface MeantTask extends Files {
  kind: "meant";
  meant: Meant;
  fromRow: number;
  /** Bytes of records in the answer; 0 counts only. */
  bytesMax: number;
}

/** Writes the file again without the requests somebody is meant in. */
export interface WithoutTask extends Files {
  kind: "without";
  meant: Meant;
  outPath: string;
}

/** How a person is looked for in the columns of a dataset that a result repeats. */
export interface MeantCells {
  expression: RegExp;
  /** Whether names of columns stand beside the values, as in the inputs of a request. */
  named: boolean;
}

/** Finds the rows of a batch job's result in which somebody is meant, from a row of the file on. */
export interface MeantCellsTask extends Files {
  kind: "meantCells";
  meant: MeantCells;
  fromRow: number;
  /** Bytes of records in the answer; 0 counts only. */
  bytesMax: number;
}

/** Writes a batch job's result again without them. */
export interface WithoutCellsTask extends Files {
  kind: "withoutCells";
  meant: MeantCells;
  /** Of so many rows that went, and those found with them, the answer names the numbers. */
  firstMax: number;
  outPath: string;
}

/** What was predicted beside what came of it, summed up by variant and slot of time. */
export interface QualityTask extends Files {
  kind: "quality";
  deploymentId: string;
  fromMs: number;
  /** Excluded. */
  toMs: number;
  slotMs: number;
  /** Lines of `request id, JSON list of outcomes` as CSV. */
  outcomesPath: string;
}

export type ArchiveTask =
  | FindTask
  | CheckTask
  | MeantTask
  | WithoutTask
  | MeantCellsTask
  | WithoutCellsTask
  | QualityTask;

interface Answers {
  find: { rows: ArchiveRow[]; more: boolean };
  check: { requests: number; digest: string };
  meant: { found: number; records: ArchiveRow[]; nextRow: number | null };
  without: { found: number; left: number; fromMs: number; toMs: number };
  meantCells: { found: number; records: Record<string, string | null>[]; nextRow: number | null };
  withoutCells: { found: number; first: number[] };
  quality: { sums: QualitySum[] };
}
export type AnswerTo<Task extends ArchiveTask> = Answers[Task["kind"]];

/** What the process answers, once, before it ends. */
export type ProcessAnswer = { ok: true; answer: Answers[keyof Answers] } | { ok: false };
