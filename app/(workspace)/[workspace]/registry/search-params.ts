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

export const MODEL_TABS = ["versions", "lineage", "card", "metrics"] as const;

export const modelSearchParams = {
  tab: parseAsStringLiteral(MODEL_TABS).withDefault("versions"),
  /** Numbers of the versions set side by side. */
  compare: parseAsArrayOf(parseAsInteger).withDefault([]),
  /** Whose lineage is drawn. */
  version: parseAsInteger,
  metric: parseAsString,
  all: parseAsBoolean.withDefault(false),
};

export const versionSearchParams = {
  deploy: parseAsBoolean.withDefault(false),
};
