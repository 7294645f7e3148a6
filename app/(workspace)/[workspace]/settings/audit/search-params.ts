import { parseAsBoolean, parseAsString, parseAsStringLiteral } from "nuqs";

export const AUDIT_RANGES = ["any", "1h", "24h", "7d", "30d", "custom"] as const;

export const auditSearchParams = {
  /** Kind of actor, id, or part of a name. */
  actor: parseAsString.withDefault(""),
  /** How an action begins. */
  action: parseAsString.withDefault(""),
  subject: parseAsString.withDefault(""),
  id: parseAsString.withDefault(""),
  range: parseAsStringLiteral(AUDIT_RANGES).withDefault("any"),
  /** Local date and time, for a custom range. */
  from: parseAsString.withDefault(""),
  to: parseAsString.withDefault(""),
  /** Also entries that come by themselves. */
  all: parseAsBoolean.withDefault(false),
};
