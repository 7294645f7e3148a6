import {
  parseAsArrayOf,
  parseAsBoolean,
  parseAsFloat,
  parseAsString,
  parseAsStringLiteral,
} from "nuqs";
import { RUN_STATUSES } from "@/server/experiments/constants";

export const experimentsSearchParams = {
  search: parseAsString.withDefault(""),
  create: parseAsBoolean.withDefault(false),
};

export const runsSearchParams = {
  search: parseAsString.withDefault(""),
  status: parseAsStringLiteral(RUN_STATUSES),
  /** startTime, name, or `metric:` and a key. */
  sort: parseAsString.withDefault("startTime"),
  desc: parseAsBoolean.withDefault(true),
  /** Runs chosen for the comparison. */
  runs: parseAsArrayOf(parseAsString).withDefault([]),
  hidden: parseAsArrayOf(parseAsString).withDefault([]),
};

export const RUN_TABS = [
  "curves",
  "values",
  "evaluation",
  "artifacts",
  "system",
  "source",
] as const;

export const runSearchParams = {
  tab: parseAsStringLiteral(RUN_TABS).withDefault("curves"),
};

export const chartsSearchParams = {
  /** Part of the names of the metrics drawn. */
  metric: parseAsString.withDefault(""),
  smoothing: parseAsFloat.withDefault(0),
  log: parseAsBoolean.withDefault(false),
  x: parseAsStringLiteral(["step", "time"]).withDefault("step"),
};

export const compareSearchParams = {
  runs: parseAsArrayOf(parseAsString).withDefault([]),
  all: parseAsBoolean.withDefault(false),
};
