import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import type { Search } from "./conditions";
import { toExpression } from "./policy";

/** More than the longest spelling of a subject, characters. */
const BORDER = 2_000;

/**
 * Masks the subject where it lies half in one piece of a job's output and half in the next, byte for
 * byte, so that offsets stay true. Answers how many pieces changed.
 */
export async function maskLogBorders(
  tx: Transaction,
  search: Search,
  workspaceId: string,
): Promise<number> {
  const patterns = search.terms.filter((term) => term.words).map((term) => term.loose);
  if (patterns.length === 0) return 0;
  const { rows } = await tx.execute<{
    job_id: string;
    first: string;
    second: string;
    first_text: string;
    second_text: string;
  }>(sql`
    with pieces as (
      select job_id, offset_bytes as first, text as first_text,
        lead(offset_bytes) over w as second, lead(text) over w as second_text
      from training_logs where workspace_id = ${workspaceId} window w as (partition by job_id order by offset_bytes))
    select * from pieces
    where right(first_text, ${BORDER}) || left(second_text, ${BORDER}) ~* ${patterns.join("|")}
    order by job_id, first`);
  const changed = new Map<string, { jobId: string; offset: string; text: string }>();
  for (const row of rows) {
    const key = (offset: string) => `${row.job_id} ${offset}`;
    const first = changed.get(key(row.first))?.text ?? row.first_text;
    const joined = Buffer.from(masked(first + row.second_text, patterns));
    const cut = Buffer.byteLength(first);
    const halves = [
      { offset: row.first, before: first, text: joined.subarray(0, cut).toString() },
      { offset: row.second, before: row.second_text, text: joined.subarray(cut).toString() },
    ];
    for (const { offset, before, text } of halves) {
      if (text !== before) changed.set(key(offset), { jobId: row.job_id, offset, text });
    }
  }
  for (const { jobId, offset, text } of changed.values()) {
    await tx.execute(
      sql`update training_logs set text = ${text} where workspace_id = ${workspaceId} and job_id = ${jobId} and offset_bytes = ${offset}`,
    );
  }
  return changed.size;
}

const masked = (text: string, patterns: readonly string[]): string =>
  patterns.reduce(
    (done, pattern) =>
      done.replaceAll(toExpression(pattern), (hit) => "*".repeat(Buffer.byteLength(hit))),
    text,
  );
