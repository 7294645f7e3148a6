import { and, eq, gt, inArray, lte, or, type SQL } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { approvals } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { invalid } from "@/server/kernel/errors";
import { byDate, keyset, type Page, toPage } from "@/server/kernel/paging";
import { getModelInWorkspace, getVersionInWorkspace } from "../internal";
import { OPEN_STATES } from "./constants";
import { type ApprovalDto, listApprovalsInput } from "./schemas";
import { toApprovalDtos } from "./to-approval-dto";

type State = z.output<typeof listApprovalsInput>["state"];

/** Requests of the workspace, a model or a version, newest first. Throws not_found. */
export async function listApprovals(
  ctx: Context,
  input: z.input<typeof listApprovalsInput>,
): Promise<Page<ApprovalDto>> {
  requirePermission(ctx, "models:read");
  const query = listApprovalsInput.parse(input);
  if (query.version && !query.model) {
    throw invalid("Name the model of the version.", [{ path: "model", message: "is missing" }]);
  }
  const page = keyset(byDate(approvals.createdAt), approvals.id, query);
  return withWorkspace(ctx, async (tx) => {
    const model = query.model ? await getModelInWorkspace(tx, ctx, query.model) : undefined;
    const version =
      model && query.version
        ? await getVersionInWorkspace(tx, ctx, model, query.version)
        : undefined;
    const rows = await tx
      .select()
      .from(approvals)
      .where(
        and(
          eq(approvals.workspaceId, ctx.workspaceId),
          model ? eq(approvals.modelId, model.id) : undefined,
          version ? eq(approvals.versionId, version.id) : undefined,
          inState(query.state, ctx.now()),
          page.where,
        ),
      )
      .orderBy(...page.orderBy)
      .limit(query.limit + 1);
    const { nextCursor } = toPage(
      rows,
      query.limit,
      (row) => [row.createdAt.toISOString(), row.id],
      (row) => row,
    );
    return { items: await toApprovalDtos(tx, ctx, rows.slice(0, query.limit)), nextCursor };
  });
}

/** What is past its time counts as expired before anybody wrote that down. */
function inState(state: State, now: Date): SQL | undefined {
  if (!state) return undefined;
  const open = inArray(approvals.state, [...OPEN_STATES]);
  if (state === "open") return and(open, gt(approvals.expiresAt, now));
  const written = eq(approvals.state, state);
  if (state === "expired") return or(written, and(open, lte(approvals.expiresAt, now)));
  return state === "pending" || state === "conditional"
    ? and(written, gt(approvals.expiresAt, now))
    : written;
}
