import { or, type SQL, sql } from "drizzle-orm";
import type { TableEntry, Treatment } from "./catalogue";
import { fieldPattern, type Term } from "./policy";
import type { Subject } from "./subject";

/** What a search looks for; `fields` narrows it in the prediction log. */
export interface Search extends Subject {
  fields: readonly string[];
}

/** `schema.table`, quoted. */
export const tableOf = (name: string): SQL =>
  sql.join(
    name.split(".").map((part) => sql.identifier(part)),
    sql`.`,
  );

const asText = (column: string): SQL => sql`${sql.identifier(column)}::text`;
const anyOf = (parts: SQL[]): SQL => or(...parts) ?? sql`false`;

/** Rows whose column holds one of the account's ids. */
export const heldBy = (column: string, userIds: readonly string[]): SQL =>
  sql`${asText(column)} = any(${sql.param(userIds)}::text[])`;

const matches = (column: string, pattern: string): SQL => sql`${asText(column)} ~* ${pattern}`;

/** Somebody's name as the whole of a value in JSON. */
const quoted = (term: Term): string => `"${term.spelled}"`;

/** Whether the subject is found in the column. */
export function foundIn(column: string, treatment: Treatment, search: Search): SQL {
  const words = search.terms.filter((term) => term.words);
  const exact = search.terms.filter((term) => term.exact && !term.words);
  const loose = words.map((term) => matches(column, term.loose));
  switch (treatment) {
    case "member":
    case "maker":
    case "detach":
    case "account":
      return heldBy(column, search.userIds);
    case "log":
      return foundInLog(column, words, search);
    case "name":
      return anyOf([
        ...loose,
        ...exact.map((term) => sql`lower(${asText(column)}) = lower(${term.text})`),
      ]);
    case "actor":
      return anyOf([...loose, ...exact.map((term) => matches(column, quoted(term)))]);
    default:
      return anyOf(loose);
  }
}

function foundInLog(column: string, words: Term[], { terms, fields }: Search): SQL {
  if (fields.length === 0) return anyOf(words.map((term) => matches(column, term.strict)));
  if (column !== "inputs") return sql`false`;
  const typed = terms.filter((term) => term.typed);
  return anyOf(typed.map((term) => matches(column, fieldPattern(fields, term))));
}

/** Whether the subject is found in any personal column of the table, but for those that cannot change. */
export const foundInRow = (entry: TableEntry, search: Search): SQL =>
  anyOf(
    Object.entries(entry.personal)
      .filter(([, treatment]) => treatment !== "chain")
      .map(([column, treatment]) => foundIn(column, treatment, search)),
  );

/** The column's value without the subject. */
export function without(column: string, treatment: Treatment, search: Search): SQL {
  if (treatment === "detach" || treatment === "maker") {
    return sql`case when ${heldBy(column, search.userIds)} then null else ${sql.identifier(column)} end`;
  }
  let value = asText(column);
  for (const term of search.terms) {
    const inPlace =
      treatment === "output" ? "*".repeat(Buffer.byteLength(term.text)) : term.pseudonym;
    if (term.words) value = sql`regexp_replace(${value}, ${term.loose}, ${inPlace}, 'gi')`;
    else if (term.exact && treatment === "name") {
      value = sql`case when lower(${value}) = lower(${term.text}) then ${inPlace}::text else ${value} end`;
    } else if (term.exact && treatment === "actor") {
      value = sql`regexp_replace(${value}, ${quoted(term)}, ${`"${inPlace}"`}, 'gi')`;
    }
  }
  return treatment === "json" || treatment === "actor" ? sql`${value}::json` : value;
}

/** Which rows of a table belong to the workspace; `everywhere` opens the executor's tables as a whole. */
export function reached(entry: TableEntry, workspaceId: string, everywhere: boolean): SQL {
  const events = sql`select internal_id from inngest.events where payload #>> '{data,workspaceId}' = ${workspaceId}`;
  switch (entry.reach) {
    case "workspace":
      return sql`workspace_id = ${workspaceId}`;
    case "self":
      return sql`id = ${workspaceId}`;
    case "account":
      return sql`true`;
    default:
  }
  if (everywhere || entry.reach === "executor") return sql`true`;
  if (entry.reach === "event") return sql`payload #>> '{data,workspaceId}' = ${workspaceId}`;
  if (entry.reach === "run-of-event") return sql`event_id in (${events})`;
  return sql`run_id in (select id from inngest.runs where event_id in (${events}))`;
}
