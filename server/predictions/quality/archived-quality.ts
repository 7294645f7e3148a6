import { join } from "node:path";
import { and, desc, eq, gte, lt } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { predictionArchives } from "@/db/schema";
import type { QualitySum } from "@/server/deployments";
import type { Context } from "@/server/kernel/context";
import { withArchives } from "../archives/ask-archives";
import type { QualityTask } from "../archives/tasks";
import { writeOutcomes } from "../archives/write-outcomes";

/** A chart waits no longer, milliseconds. */
const PATIENCE_MS = 15_000;
/** Archives opened together. */
const TOGETHER = 16;

interface Query {
  deploymentId: string;
  fromMs: number;
  untilMs: number;
  slotMs: number;
}

/** Sums over archived requests, newest first, and how far back they go. */
export async function archivedQuality(
  ctx: Context,
  query: Query,
): Promise<{ sums: QualitySum[]; completeFromMs: number }> {
  const archives = await withWorkspace(ctx, (tx) =>
    tx
      .select()
      .from(predictionArchives)
      .where(
        and(
          eq(predictionArchives.workspaceId, ctx.workspaceId),
          eq(predictionArchives.deploymentId, query.deploymentId),
          gte(predictionArchives.toAt, new Date(query.fromMs)),
          lt(predictionArchives.fromAt, new Date(query.untilMs)),
        ),
      )
      .orderBy(desc(predictionArchives.toAt)),
  );
  const startedAt = performance.now();
  const sums: QualitySum[] = [];
  for (let at = 0; at < archives.length; at += TOGETHER) {
    const batch = archives.slice(at, at + TOGETHER);
    const first = batch[0];
    if (first && at > 0 && performance.now() - startedAt > PATIENCE_MS) {
      return { sums, completeFromMs: first.toAt.getTime() };
    }
    sums.push(...(await sumsOf(ctx, batch, query)));
  }
  return { sums, completeFromMs: query.fromMs };
}

async function sumsOf(
  ctx: Context,
  batch: readonly (typeof predictionArchives.$inferSelect)[],
  { deploymentId, fromMs, untilMs, slotMs }: Query,
): Promise<QualitySum[]> {
  return withArchives(ctx, batch, async ({ paths, folder, ask }) => {
    if (paths.length === 0) return [];
    const outcomesPath = join(folder, "outcomes.csv");
    await writeOutcomes(ctx, batch, outcomesPath);
    const { sums } = await ask<QualityTask>({
      ...{ kind: "quality", paths, deploymentId, fromMs, toMs: untilMs, slotMs, outcomesPath },
    });
    return sums;
  });
}
