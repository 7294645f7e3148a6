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

export const modelSearchParams = {
  ...approvalsSearchParams,
  tab: parseAsStringLiteral(MODEL_TABS).withDefault("versions"),
  /** Numbers of the versions set side by side. */
  compare: parseAsArrayOf(parseAsInteger).withDefault([]),
  /** Whose lineage is drawn. */
  version: parseAsInteger,
  metric: parseAsString,
  all: parseAsBoolean.withDefault(false),
};

export const versionSearchParams = {
  /** Whether the dialog to move to another stage is open. */
  move: parseAsBoolean.withDefault(false),
  deploy: parseAsBoolean.withDefault(false),
};
