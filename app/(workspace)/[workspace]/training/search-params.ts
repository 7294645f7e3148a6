import { parseAsString, parseAsStringLiteral } from "nuqs";
import { JOB_STATUSES } from "@/server/training/constants";

export const trainingSearchParams = {
  status: parseAsStringLiteral(JOB_STATUSES),
};

/** The choices of the start form that a link can make beforehand. */
export const startSearchParams = {
  dataset: parseAsString,
  target: parseAsString,
  /** Id of an existing model; null: a new one. */
  model: parseAsString,
  algorithm: parseAsString,
};

export const JOB_TABS = ["curves", "log", "settings"] as const;

export const jobSearchParams = {
  tab: parseAsStringLiteral(JOB_TABS).withDefault("curves"),
};
