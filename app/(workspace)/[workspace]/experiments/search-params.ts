import {
  parseAsArrayOf,
  parseAsBoolean,
  parseAsFloat,
  parseAsString,
  parseAsStringLiteral,
} from "nuqs";

export const experimentsSearchParams = {
  search: parseAsString.withDefault(""),
  view: parseAsStringLiteral(["active", "deleted"]).withDefault("active"),
  create: parseAsBoolean.withDefault(false),
};

export const runsSearchParams = {
  /** A filter in the search language. */
  q: parseAsString.withDefault(""),
  /** Column the rows are sorted by, as it is named in `cols`. */
  sort: parseAsString.withDefault("a:startTime"),
  desc: parseAsBoolean.withDefault(true),
  /** Columns shown: a:<fact>, m:<last|best|min|max>:<metric>, p:<parameter>, t:<tag>. */
  cols: parseAsArrayOf(parseAsString),
  pin: parseAsArrayOf(parseAsString).withDefault([]),
  /** Widths somebody dragged: <column>=<pixels>. */
  w: parseAsArrayOf(parseAsString).withDefault([]),
  view: parseAsStringLiteral(["active", "deleted"]).withDefault("active"),
  /** Parameters and tags the runs are grouped by, named as columns are. */
  group: parseAsArrayOf(parseAsString).withDefault([]),
  /** The run the others are compared with. */
  base: parseAsString,
};

export const RUN_TABS = [
  "curves",
  "notes",
  "nested",
  "values",
  "evaluation",
  "artifacts",
  "system",
  "source",
] as const;

export const runSearchParams = {
  tab: parseAsStringLiteral(RUN_TABS).withDefault("curves"),
};

export const evaluationSearchParams = {
  /** The class the threshold is for; the first one by default. */
  class: parseAsString,
  /** Scores from here on say yes. */
  threshold: parseAsFloat.withDefault(0.5),
};

export const chartsSearchParams = {
  /** Part of the names of the metrics drawn. */
  metric: parseAsString.withDefault(""),
  smoothing: parseAsFloat.withDefault(0),
  log: parseAsBoolean.withDefault(false),
  logx: parseAsBoolean.withDefault(false),
  x: parseAsStringLiteral(["step", "time"]).withDefault("step"),
  /** The part of x that is looked at: two steps, or two times in seconds into the run. */
  zoom: parseAsArrayOf(parseAsFloat),
};

export const COMPARE_TABS = ["differences", "plots", "curves"] as const;

export const compareSearchParams = {
  runs: parseAsArrayOf(parseAsString).withDefault([]),
  tab: parseAsStringLiteral(COMPARE_TABS).withDefault("differences"),
  /** Also what does not differ. */
  all: parseAsBoolean.withDefault(false),
  /** Part of the names of lines. */
  find: parseAsString.withDefault(""),
  /** Axes of the parallel coordinates: p:<parameter>, m:<metric>. */
  axes: parseAsArrayOf(parseAsString),
  /** Parts of axes whose runs are kept: <axis>=<low>~<high>. */
  keep: parseAsArrayOf(parseAsString).withDefault([]),
  x: parseAsString,
  y: parseAsString,
};
