import { parseAsBoolean, parseAsInteger, parseAsString, parseAsStringLiteral } from "nuqs";

export const datasetsSearchParams = {
  search: parseAsString.withDefault(""),
  upload: parseAsBoolean.withDefault(false),
};

export const DATASET_TABS = ["columns", "preview", "versions"] as const;

export const datasetSearchParams = {
  tab: parseAsStringLiteral(DATASET_TABS).withDefault("columns"),
  column: parseAsString,
  offset: parseAsInteger.withDefault(0),
};
