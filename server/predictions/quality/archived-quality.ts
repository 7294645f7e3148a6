import { join } from "node:path";
import { and, desc, eq, gte, lt } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { predictionArchives } from "@/db/schema";
import type { QualitySum } from "@/server/deployments";
import type { Context } from "@/server/kernel/context";
import { type ReadArchives, readArchives, type UnreadArchive } from "../archives/read-archives";
import type { ArchiveRecord } from "../archives/remove-archive";
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

interface ArchivedQuality {
  sums: QualitySum[];
  completeFromMs: number;
  /** Archives that are not in the sums. */
  unread: UnreadArchive[];
}

/** Sums over archived requests, newest first, and how far back they go. */
export async function archivedQuality(ctx: Context, query: Query): Promise<ArchivedQuality> {
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
  const unread: UnreadArchive[] = [];
  for (let at = 0; at < archives.length; at += TOGETHER) {
    const batch = archives.slice(at, at + TOGETHER);
    const first = batch[0];
    if (first && at > 0 && performance.now() - startedAt > PATIENCE_MS) {
      return { sums, completeFromMs: first.toAt.getTime(), unread };
    }
    const found = await sumsOf(ctx, batch, query);
    sums.push(...found.answers.flat());
    unread.push(...found.unread);
  }
  return { sums, completeFromMs: query.fromMs, unread };
}

function sumsOf(
  ctx: Context,
  batch: readonly ArchiveRecord[],
  { deploymentId, fromMs, untilMs, slotMs }: Query,
): Promise<ReadArchives<QualitySum[]>> {
  return readArchives(ctx, batch, async ({ paths, folder, ask }, archives) => {
    const outcomesPath = join(folder, "outcomes.csv");
    await writeOutcomes(ctx, archives, outcomesPath);
    const { sums } = await ask<QualityTask>({
      ...{ kind: "quality", paths, deploymentId, fromMs, toMs: untilMs, slotMs, outcomesPath },
    });
    return sums;
  });
}
