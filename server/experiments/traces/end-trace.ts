import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { traces } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { refuseRunKey } from "../internal";
import { getTraceInWorkspace, readTrace } from "./internal";
import { endTraceInput, type TraceDto } from "./schemas";

/**
 * Says how and when a trace ended; metadata and tags are added to what is known. Ending it again
 * changes nothing. Throws not_found. not audited: it only appends.
 */
export async function endTrace(
  ctx: Context,
  input: z.input<typeof endTraceInput>,
): Promise<TraceDto> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  const { traceId, endTime, state, metadata, tags } = endTraceInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const before = await getTraceInWorkspace(tx, ctx, traceId, { lock: true });
    const set = {
      state: state ?? before.state,
      durationMs:
        endTime === undefined ? before.durationMs : Math.max(endTime - before.requestTime, 0),
      metadata: { ...(before.metadata as object), ...metadata },
      tags: { ...(before.tags as object), ...tags },
    };
    await tx
      .update(traces)
      .set(set)
      .where(and(eq(traces.workspaceId, ctx.workspaceId), eq(traces.id, before.id)));
    return readTrace(tx, ctx, { ...before, ...set });
  });
}
