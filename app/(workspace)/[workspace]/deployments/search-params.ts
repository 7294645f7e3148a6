import { parseAsBoolean, parseAsString, parseAsStringLiteral } from "nuqs";
import { ENVIRONMENTS } from "@/server/deployments/constants";
import { KUBERNETES_FORMATS } from "@/server/deployments/kubernetes/constants";

export const deploymentsSearchParams = {
  search: parseAsString.withDefault(""),
  environment: parseAsStringLiteral(ENVIRONMENTS),
};

export const DEPLOYMENT_TABS = ["overview", "playground", "predictions", "settings"] as const;

/** Minutes of the charts, as they stand in the address. */
export const RANGES = ["15", "60", "1440", "10080"] as const;

/** What the charts draw of each version, one at a time. */
export const PERCENTILES = ["p50", "p95", "p99"] as const;
export const VERSION_COUNTS = ["requests", "errors"] as const;

/** Days of the quality chart. */
export const QUALITY_DAYS = ["7", "30", "90", "365"] as const;

export const deploymentSearchParams = {
  /** The dialog with the objects for a cluster, in this form. */
  kubernetes: parseAsStringLiteral(KUBERNETES_FORMATS),
  tab: parseAsStringLiteral(DEPLOYMENT_TABS).withDefault("overview"),
  range: parseAsStringLiteral(RANGES).withDefault("15"),
  /** Whether the charts have a line for each version, and of what. */
  by: parseAsStringLiteral(["all", "version"]).withDefault("all"),
  percentile: parseAsStringLiteral(PERCENTILES).withDefault("p95"),
  count: parseAsStringLiteral(VERSION_COUNTS).withDefault("requests"),
  as: parseAsStringLiteral(["form", "json"]).withDefault("form"),
  /** Whether the playground asks what moved a prediction. */
  explain: parseAsBoolean.withDefault(false),
  /** A logged request the playground begins with. */
  replay: parseAsString,
  quality: parseAsStringLiteral(QUALITY_DAYS).withDefault("30"),
  code: parseAsStringLiteral(["curl", "python", "typescript"]).withDefault("curl"),
};
