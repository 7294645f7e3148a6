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

/** Days of the quality chart. */
export const QUALITY_DAYS = ["7", "30", "90", "365"] as const;

export const deploymentSearchParams = {
  /** The dialog with the objects for a cluster, in this form. */
  kubernetes: parseAsStringLiteral(KUBERNETES_FORMATS),
  tab: parseAsStringLiteral(DEPLOYMENT_TABS).withDefault("overview"),
  range: parseAsStringLiteral(RANGES).withDefault("15"),
  as: parseAsStringLiteral(["form", "json"]).withDefault("form"),
  /** Whether the playground asks what moved a prediction. */
  explain: parseAsBoolean.withDefault(false),
  /** A logged request the playground begins with. */
  replay: parseAsString,
  quality: parseAsStringLiteral(QUALITY_DAYS).withDefault("30"),
  code: parseAsStringLiteral(["curl", "python", "typescript"]).withDefault("curl"),
};
