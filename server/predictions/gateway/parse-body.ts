import { type Issue, invalid } from "@/server/kernel/errors";
import { ISSUES_MAX, type RowIssue } from "@/server/protocols/open-inference/codec";
import { ROWS_MAX, UNIT_CHARS_MAX } from "../constants";

/** A prediction request as parsed; its rows are checked against the signature later. */
export interface PredictBody {
  rows: readonly unknown[];
  /** True for `input`, false for `inputs`: where the caller is told an issue is. */
  isSingle: boolean;
  /** Undefined when the caller said nothing. */
  includeConfidence: boolean | undefined;
  /** Whether the caller asks what moved each prediction. */
  includeFeatureImportance: boolean;
  /** Whom the request is about: the same unit meets the same variant. */
  unit: string | undefined;
}

/** Reads the body by hand, because this runs on every request. Throws invalid. */
export function parsePredictBody(body: unknown): PredictBody {
  if (!isObject(body)) throw invalid("The body must be a JSON object.");
  for (const key in body) {
    if (key !== "input" && key !== "inputs" && key !== "options") {
      throw wrong(shorten(key), "is not known here: send input or inputs, and options");
    }
  }
  const { input, inputs } = body;
  const options = parseOptions(body.options);
  if (input !== undefined && inputs !== undefined) throw wrong("inputs", "excludes input");
  if (input !== undefined) return { rows: [input], isSingle: true, ...options };
  if (inputs === undefined) throw wrong("input", "is missing: an object of feature values");
  if (!Array.isArray(inputs)) throw wrong("inputs", "must be a list of objects");
  if (inputs.length === 0) throw wrong("inputs", "must hold at least one row");
  if (inputs.length > ROWS_MAX) {
    throw wrong("inputs", `may hold ${ROWS_MAX} rows at most, got ${inputs.length}`);
  }
  return { rows: inputs, isSingle: false, ...options };
}

const NO_OPTIONS = {
  includeConfidence: undefined,
  includeFeatureImportance: false,
  unit: undefined,
};
const OPTIONS: readonly string[] = Object.keys(NO_OPTIONS);

function parseOptions(options: unknown): Omit<PredictBody, "rows" | "isSingle"> {
  if (options === undefined) return NO_OPTIONS;
  if (!isObject(options)) throw wrong("options", "must be an object");
  for (const key in options) {
    if (!OPTIONS.includes(key)) throw wrong(`options.${shorten(key)}`, "is not known here");
  }
  const { includeConfidence, includeFeatureImportance = false, unit } = options;
  if (includeConfidence !== undefined && typeof includeConfidence !== "boolean") {
    throw wrong("options.includeConfidence", "must be true or false");
  }
  if (typeof includeFeatureImportance !== "boolean") {
    throw wrong("options.includeFeatureImportance", "must be true or false");
  }
  if (unit !== undefined && !isUnit(unit)) {
    throw wrong("options.unit", `must be a text of 1 to ${UNIT_CHARS_MAX} characters`);
  }
  return { includeConfidence, includeFeatureImportance, unit };
}

export const isUnit = (value: unknown): value is string =>
  typeof value === "string" && value !== "" && value.length <= UNIT_CHARS_MAX;

/** The issues of rows that do not fit the signature, each under the path the caller wrote. */
export function featureError(issues: readonly RowIssue[], isSingle: boolean) {
  const told: Issue[] = issues.map((one) => {
    const base = isSingle ? "input" : `inputs.${one.row}`;
    return {
      path: one.feature === null ? base : `${base}.${one.feature}`,
      message: messageOf(one),
    };
  });
  const first = told[0];
  const more = told.length > 1 ? ` And ${moreOf(told.length)}.` : "";
  return invalid(`${first?.path} ${first?.message}.${more}`, told);
}

function messageOf({ expected, got }: RowIssue): string {
  if (expected === "no such feature") return "is not a feature of this model";
  if (got === "nothing") return `is missing, expected ${expected}`;
  return `must be ${expected}, got ${got}`;
}

const moreOf = (count: number): string =>
  count >= ISSUES_MAX ? "more" : `${count - 1} more ${count === 2 ? "issue" : "issues"}`;

const wrong = (path: string, message: string) =>
  invalid(`${path} ${message}.`, [{ path, message }]);

const shorten = (text: string): string => (text.length > 80 ? `${text.slice(0, 77)}...` : text);

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
