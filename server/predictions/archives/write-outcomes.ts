import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { and, asc, eq, gt, gte, lt } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { predictionOutcomes } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { LINE_BYTES_MAX } from "./files-of";

/** A request is answered at most this long after its id was made, milliseconds; clocks differ by less. */
const ANSWERED_MS = 15 * 60_000;
const AHEAD_MS = 60_000;
const PAGE = 10_000;

type Span = { fromAt: Date; toAt: Date };
type Outcome = { requestId: string; outcome: unknown };

/** Writes the ids of requests in the span whose outcomes are known, one a line. */
export const writeKnownOutcomes = (ctx: Context, spans: readonly Span[], path: string) =>
  writeLines(ctx, spans, path, ({ requestId }) => `${requestId}\n`);

/** Writes ids with their outcomes, which are JSON lists, as lines of CSV; lists of megabytes are left out. */
export const writeOutcomes = (ctx: Context, spans: readonly Span[], path: string) =>
  writeLines(ctx, spans, path, ({ requestId, outcome }) => {
    const text = `${requestId},"${JSON.stringify(outcome).replaceAll('"', '""')}"\n`;
    return Buffer.byteLength(text) < LINE_BYTES_MAX ? text : "";
  });

async function writeLines(
  ctx: Context,
  spans: readonly Span[],
  path: string,
  line: (outcome: Outcome) => string,
): Promise<void> {
  const from = new Date(Math.min(...spans.map(({ fromAt }) => fromAt.getTime())) - ANSWERED_MS);
  const until = new Date(Math.max(...spans.map(({ toAt }) => toAt.getTime())) + AHEAD_MS);
  await pipeline(
    Readable.from(pages(ctx, from, until, line), { objectMode: false }),
    createWriteStream(path, { mode: 0o600 }),
  );
}

async function* pages(
  ctx: Context,
  from: Date,
  until: Date,
  line: (outcome: Outcome) => string,
): AsyncGenerator<string> {
  const o = predictionOutcomes;
  // Ids begin with their time, so their order is that of the requests.
  for (let last: string | undefined; ; ) {
    const rows = await withWorkspace(ctx, (tx) =>
      tx
        .select({ requestId: o.requestId, outcome: o.outcome })
        .from(o)
        .where(
          and(
            eq(o.workspaceId, ctx.workspaceId),
            gte(o.requestedAt, from),
            lt(o.requestedAt, until),
            last === undefined ? undefined : gt(o.requestId, last),
          ),
        )
        .orderBy(asc(o.requestId))
        .limit(PAGE),
    );
    if (rows.length > 0) yield rows.map(line).join("");
    last = rows.at(-1)?.requestId;
    if (rows.length < PAGE) return;
  }
}
