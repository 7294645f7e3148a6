import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { refuseRunKey } from "../internal";
import { getTraceInWorkspace, readTrace } from "./internal";
import type { TraceDto } from "./schemas";

/** One trace without its spans, which are a file. Throws not_found. */
export async function getTrace(ctx: Context, input: { traceId: string }): Promise<TraceDto> {
  requirePermission(ctx, "experiments:read");
  refuseRunKey(ctx);
  return withWorkspace(ctx, async (tx) =>
    readTrace(tx, ctx, await getTraceInWorkspace(tx, ctx, input.traceId)),
  );
}
