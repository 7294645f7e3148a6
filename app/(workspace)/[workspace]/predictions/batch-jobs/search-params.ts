import { parseAsBoolean, parseAsString, parseAsStringLiteral } from "nuqs";
import { BATCH_JOB_STATUSES } from "@/server/predictions/jobs/constants";

export const batchJobsSearchParams = {
  status: parseAsStringLiteral(BATCH_JOB_STATUSES),
  /** The form is open; what a link chose beforehand stands beside it. */
  create: parseAsBoolean.withDefault(false),
  deployment: parseAsString,
  dataset: parseAsString,
  /** A job whose choices are taken over. */
  like: parseAsString,
};

export const BATCH_JOB_TABS = ["result", "errors", "settings"] as const;

export const batchJobSearchParams = {
  tab: parseAsStringLiteral(BATCH_JOB_TABS).withDefault("result"),
};
