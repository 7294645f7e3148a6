import { ROUTINE_ACTIONS } from "./audit-words";

export interface AuditState {
  actor: string;
  action: string;
  subject: string;
  id: string;
  range: "any" | "1h" | "24h" | "7d" | "30d" | "custom";
  from: string;
  to: string;
  all: boolean;
}

export interface AuditQuery {
  actor?: string;
  action?: string;
  subjectType?: string;
  subjectId?: string;
  from?: string;
  to?: string;
  exclude?: string;
}

const HOUR_MS = 3_600_000;
const SPANS_MS = { "1h": HOUR_MS, "24h": 24 * HOUR_MS, "7d": 168 * HOUR_MS, "30d": 720 * HOUR_MS };

/** A local date and time of a form as an instant; undefined while it is not one. */
const instant = (local: string): string | undefined => {
  const at = new Date(local);
  return local && !Number.isNaN(at.getTime()) ? at.toISOString() : undefined;
};

function bounds(state: AuditState, now: number): { from?: string; to?: string } {
  if (state.range === "any") return {};
  if (state.range !== "custom") {
    return { from: new Date(now - SPANS_MS[state.range]).toISOString() };
  }
  const from = instant(state.from);
  const to = instant(state.to);
  return { ...(from && { from }), ...(to && { to }) };
}

/** The state of the address as the API's filters; `now` in milliseconds bounds the spans. */
export function auditQuery(state: AuditState, now: number): AuditQuery {
  return {
    ...(state.actor && { actor: state.actor }),
    ...(state.action && { action: state.action.replace(/\*?$/, "*") }),
    ...(state.subject && { subjectType: state.subject }),
    ...(state.id && { subjectId: state.id }),
    ...bounds(state, now),
    // Who asks for an action by name wants it, routine or not.
    ...(!(state.all || state.action) && { exclude: ROUTINE_ACTIONS }),
  };
}

/** Address of the same entries as a file. */
export function exportUrl(query: AuditQuery, format: "csv" | "ndjson", slug: string): string {
  return `/api/v1/audit/export?${new URLSearchParams({ ...query, format, workspace: slug })}`;
}
