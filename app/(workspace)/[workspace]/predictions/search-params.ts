import {
  parseAsBoolean,
  parseAsFloat,
  parseAsInteger,
  parseAsString,
  parseAsStringLiteral,
} from "nuqs";
import { LOG_LANES } from "@/server/predictions/explorer/schemas";

/** How far back the log is looked through, minutes. */
export const LOG_RANGES = ["15", "60", "1440", "10080", "43200", "525600"] as const;
export const LOG_SHOWN = ["all", "ok", "refused", "failed"] as const;

/** What narrows the prediction log, as it stands in the address. */
export const logSearchParams = {
  within: parseAsStringLiteral(LOG_RANGES).withDefault("1440"),
  shown: parseAsStringLiteral(LOG_SHOWN).withDefault("all"),
  deployment: parseAsString,
  variant: parseAsString,
  version: parseAsInteger,
  lane: parseAsStringLiteral(LOG_LANES),
  above: parseAsFloat,
  unit: parseAsString,
  feature: parseAsString,
  value: parseAsString,
  outcome: parseAsStringLiteral(["known", "unknown"]),
  pinned: parseAsStringLiteral(["yes", "no"]),
  request: parseAsString,
  /** New requests come in by themselves. */
  live: parseAsBoolean.withDefault(true),
  /** The request that is open. */
  open: parseAsString,
};
