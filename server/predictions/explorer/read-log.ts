import { and, eq, isNull } from "drizzle-orm";
import { type Transaction, withWorkspace } from "@/db/client";
import { deployments, predictionLogs } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { isUuid } from "@/server/kernel/ids";
import { byDate, keyset } from "@/server/kernel/paging";
import type { UnreadArchive } from "../archives/read-archives";
import type { Place } from "../archives/tasks";
import { logFilters } from "./log-filters";
import { type LogRow, selectLogs } from "./log-rows";
import { mergeSlices, placeOfCursor, type Slice } from "./places";
import { planArchives } from "./plan-archives";
import { scanArchives } from "./scan-archives";
import type { LogQuery } from "./schemas";

const placeOf = ({ log }: LogRow): Place => [log.at.getTime(), log.requestId];

interface Options {
  /** Requests of a page that lies in archives as a whole; the page's limit if absent. */
  archivedLimit?: number;
}

/** A page of the log, and archives it would have been read from as well. */
export interface LogSlice {
  items: LogRow[];
  next: Place | null;
  unread: UnreadArchive[];
}

/**
 * A page of the log, out of the database and the archives alike, and where the next one begins. Rows
 * move from one to the other once: what is read here first and found there too is shown once.
 */
export async function readLog(
  ctx: Context,
  query: LogQuery,
  detail: "short" | "full",
  options: Options = {},
): Promise<LogSlice> {
  const after = placeOfCursor(query.cursor);
  const { hot, plan } = await withWorkspace(ctx, async (tx) => {
    const { deployment } = query;
    const deploymentId = deployment && (await deploymentIdOf(tx, ctx, deployment));
    const hot = await readHot(tx, ctx, { ...query, deploymentId }, detail);
    return { hot, plan: await planArchives(tx, ctx, { ...query, deploymentId }, after) };
  });
  const limit = hot.rows.length > 0 ? query.limit : (options.archivedLimit ?? query.limit);
  const page = { order: query.order, limit };
  const cold = await scanArchives(ctx, plan, { ...page, after, detail, hot });
  return { ...mergeSlices([hot, cold], placeOf, page), unread: cold.unread };
}

type HotQuery = Omit<LogQuery, "deployment"> & { deploymentId: string | undefined };

/** What the database holds of a page, and one row more. */
async function readHot(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId" | "now">,
  query: HotQuery,
  detail: "short" | "full",
): Promise<Slice<LogRow>> {
  const { deploymentId } = query;
  const page = keyset(byDate(predictionLogs.at), predictionLogs.requestId, query);
  const rows = await selectLogs(tx, detail)
    .where(
      and(
        eq(predictionLogs.workspaceId, ctx.workspaceId),
        deploymentId ? eq(predictionLogs.deploymentId, deploymentId) : undefined,
        ...logFilters(query, ctx.now()),
        page.where,
      ),
    )
    .orderBy(...page.orderBy)
    .limit(query.limit + 1);
  const last = rows.at(-1);
  return { rows, until: rows.length > query.limit && last ? placeOf(last) : null };
}

/** The id of a deployment by id or name. Throws not_found. */
export async function deploymentIdOf(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  ref: string,
): Promise<string> {
  const [deployment] = await tx
    .select({ id: deployments.id })
    .from(deployments)
    .where(
      and(
        eq(deployments.workspaceId, ctx.workspaceId),
        isUuid(ref) ? eq(deployments.id, ref) : eq(deployments.name, ref),
        isNull(deployments.deletedAt),
      ),
    );
  if (!deployment) throw notFound("The deployment");
  return deployment.id;
}
