import {
  parseAsArrayOf,
  parseAsBoolean,
  parseAsInteger,
  parseAsString,
  parseAsStringLiteral,
} from "nuqs";
import { FRAMEWORKS, MODEL_TYPES } from "@/server/registry/constants";

export const modelsSearchParams = {
  search: parseAsString.withDefault(""),
  type: parseAsStringLiteral(MODEL_TYPES),
  framework: parseAsStringLiteral(FRAMEWORKS),
  /** Key of a stage some version of the model is in. */
  stage: parseAsString.withDefault(""),
  /** `key` or `key=value`. */
  tag: parseAsString.withDefault(""),
  create: parseAsBoolean.withDefault(false),
};

export const MODEL_TABS = [
  "versions",
  "board",
  "approvals",
  "aliases",
  "lineage",
  "card",
  "metrics",
  "benchmarks",
  "history",
] as const;

const APPROVALS_SHOWN = ["open", "all"] as const;

export const approvalsSearchParams = {
  show: parseAsStringLiteral(APPROVALS_SHOWN).withDefault("open"),
  /** Id of the request that is open. */
  request: parseAsString.withDefault(""),
};

export const stagesSearchParams = {
  /** Key of the stage being edited; `new` to add one. */
  edit: parseAsString.withDefault(""),
};

/** What a lineage graph reaches: both ways, what it was made from, what was made of it. */
const reach = parseAsStringLiteral(["both", "up", "down"]).withDefault("both");

export const VERSION_TABS = ["overview", "lineage", "history"] as const;

export const modelSearchParams = {
  reach,
  ...approvalsSearchParams,
  tab: parseAsStringLiteral(MODEL_TABS).withDefault("versions"),
  /** Numbers of the versions set side by side. */
  compare: parseAsArrayOf(parseAsInteger).withDefault([]),
  /** Whose lineage is drawn. */
  version: parseAsInteger,
  metric: parseAsString,
  /** Whether the dialog that starts a benchmark is open. */
  benchmark: parseAsBoolean.withDefault(false),
  /** Whether the dialog that takes an ONNX file is open. */
  upload: parseAsBoolean.withDefault(false),
  /** Whether the dialog that registers a model on another server is open. */
  external: parseAsBoolean.withDefault(false),
  all: parseAsBoolean.withDefault(false),
};

export const versionSearchParams = {
  tab: parseAsStringLiteral(VERSION_TABS).withDefault("overview"),
  reach,
  /** Whether the dialog to move to another stage is open. */
  move: parseAsBoolean.withDefault(false),
  deploy: parseAsBoolean.withDefault(false),
};
