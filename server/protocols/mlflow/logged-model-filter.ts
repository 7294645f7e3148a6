import { LOGGED_MODEL_STATUSES, type LoggedModelStatus } from "@/server/experiments/constants";
import { invalidParameter } from "./errors";

interface ModelFilter {
  names?: string[];
  sourceRunId?: string;
  status?: LoggedModelStatus;
}

const CLAUSE =
  /^(?:attributes\.)?`?(?<field>name|source_run_id|status)`?\s*=\s*(?<quote>['"])(?<value>[^'"]*)\k<quote>$/i;

/**
 * What clients search logged models by: equality of name, source run and status, joined by AND.
 * Throws INVALID_PARAMETER_VALUE for anything else.
 */
export function parseModelFilter(filter: string): ModelFilter {
  const parsed: ModelFilter = {};
  if (filter.trim() === "") return parsed;
  for (const clause of filter.split(/\s+and\s+/i)) {
    const { field, value = "" } = CLAUSE.exec(clause.trim())?.groups ?? {};
    if (field === "name") parsed.names = [value];
    else if (field === "source_run_id") parsed.sourceRunId = value;
    else if (field === "status") parsed.status = statusOf(value);
    else
      throw invalidParameter(
        `Invalid filter string: '${filter}'. Use name, source_run_id or status with =.`,
      );
  }
  return parsed;
}

function statusOf(value: string): LoggedModelStatus {
  const long = value.startsWith("LOGGED_MODEL_") ? value : `LOGGED_MODEL_${value.toUpperCase()}`;
  const known = LOGGED_MODEL_STATUSES.find((status) => status === long);
  if (!known) throw invalidParameter(`Invalid model status: ${value}.`);
  return known;
}
