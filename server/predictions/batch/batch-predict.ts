import { performance } from "node:perf_hooks";
import type { z } from "zod";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { newId } from "@/server/kernel/ids";
import { predictionsOf } from "../gateway/prediction-port";
import { type PredictReply, predictReply } from "../schemas";
import { atRow, type Batch, joinReplies, splitRows, toRows } from "./policy";
import { type BatchPredictReply, batchPredictInput } from "./schemas";

/**
 * Answers many rows at once: they go to the deployment as requests of `batchSize` rows, `parallel` of
 * them at a time, each with its own log row. All or nothing; an error names the row as the caller
 * counts. Throws as predict does. Writes only log rows.
 */
export async function batchPredict(
  ctx: Context,
  input: z.input<typeof batchPredictInput>,
): Promise<BatchPredictReply> {
  requirePermission(ctx, "predictions:create");
  const { deployment, options, ...table } = batchPredictInput.parse(input);
  const { batchSize, parallel, includeConfidence } = options;
  const startedMs = performance.now();
  const batches = splitRows(toRows(table), batchSize);
  const ask = async ({ from, rows }: Batch): Promise<PredictReply> => {
    const body = {
      inputs: rows,
      ...(includeConfidence !== undefined && { options: { includeConfidence } }),
    };
    const call = { ...ctx, requestId: newId(ctx.now().getTime()) };
    try {
      return predictReply.parse(await predictionsOf(ctx.ports).predict(call, { deployment }, body));
    } catch (error) {
      throw atRow(error, from);
    }
  };
  const replies = await inParallel(batches, parallel, ask);
  return joinReplies(batches, replies, performance.now() - startedMs);
}

/** Results in the order of `items`, at most `most` under way; after an error nothing new begins. */
async function inParallel<T, R>(
  items: readonly T[],
  most: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  let isBroken = false;
  const walk = async () => {
    while (next < items.length && !isBroken) {
      const at = next++;
      try {
        results[at] = await work(items[at] as T);
      } catch (error) {
        isBroken = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, walk));
  return results;
}
