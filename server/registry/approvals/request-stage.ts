import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { approvals } from "@/db/schema";
import { requireGrant, requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { emitEvent } from "@/server/kernel/emit-event";
import { AppError } from "@/server/kernel/errors";
import { newId } from "@/server/kernel/ids";
import { reportGates } from "../gates/report-gates";
import type { GateReport } from "../gates/schemas";
import {
  getModelInWorkspace,
  getVersionInWorkspace,
  type ModelRow,
  toVersionDto,
  type VersionRow,
} from "../internal";
import { loadStages, lockStages, requireStage } from "../stages/internal";
import type { Stage } from "../stages/schemas";
import { closeApproval } from "./close-approval";
import { type ApprovalRow, openRequests } from "./internal";
import { moveVersion } from "./move-version";
import { personKey } from "./policy";
import { requestStageInput, type StageRequestResult } from "./schemas";
import { settleApproval } from "./settle-approval";
import { toApprovalDtos } from "./to-approval-dto";

type Values = z.output<typeof requestStageInput>;

/**
 * Moves a version to a stage at once where the stage asks for no approval and every gate passes;
 * else a request waits. Asking again for the same stage looks whether the waiting request can be
 * completed now. Throws not_found, conflict while a request for another stage is open.
 */
export async function requestStage(
  ctx: Context,
  input: z.input<typeof requestStageInput>,
): Promise<StageRequestResult> {
  requirePermission(ctx, "models:write");
  const values = requestStageInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const model = await getModelInWorkspace(tx, ctx, values.model, true);
    await requireGrant(tx, ctx, { on: { modelId: model.id }, action: "write" });
    const version = await getVersionInWorkspace(tx, ctx, model, values.version);
    await lockStages(tx, ctx, "shared");
    const stages = await loadStages(tx, ctx);
    const to = requireStage(stages, values.stage);
    if (version.stage === to.key) return { outcome: "unchanged", ...ends(version, model) };
    await closeStale(tx, ctx, version.id);
    const report = await reportGates(tx, ctx, version, to.gates);
    const archivePrevious = values.archivePrevious ?? null;
    if (!to.needsApproval && report.outcomes.every(({ passed }) => passed)) {
      const move = { version, to, stages, archivePrevious, approvalId: null };
      return { outcome: "moved", ...ends(await moveVersion(tx, ctx, move), model) };
    }
    const [open] = await openRequests(tx, ctx, version.id);
    if (open && open.toStage !== to.key) {
      const message = `A request to move this version to ${open.toStage} is open: withdraw it first.`;
      throw new AppError("conflict", message, { approvalId: open.id });
    }
    if (open) return again(tx, ctx, model, open);
    const approval = await insert(tx, ctx, { values, version, to, report });
    const [dto = null] = await toApprovalDtos(tx, ctx, [approval]);
    return { outcome: "pending", version: toVersionDto(version, model.name), approval: dto };
  });
}

const ends = (version: VersionRow, model: ModelRow) => ({
  version: toVersionDto(version, model.name),
  approval: null,
});

/** What ran out of time must not stand in the way of a new request. */
async function closeStale(tx: Transaction, ctx: Context, versionId: string): Promise<void> {
  for (const stale of await openRequests(tx, ctx, versionId, ctx.now())) {
    await closeApproval(tx, ctx, stale, "expired", { closeReason: "Nobody decided in time." });
  }
}

async function again(
  tx: Transaction,
  ctx: Context,
  model: ModelRow,
  open: ApprovalRow,
): Promise<StageRequestResult> {
  const { approval, version } = await settleApproval(tx, ctx, model, open);
  const [dto = null] = await toApprovalDtos(tx, ctx, [approval]);
  const outcome = approval.state === "approved" ? "moved" : "pending";
  return { outcome, version: toVersionDto(version, model.name), approval: dto };
}

const DAY_MS = 86_400_000;

async function insert(
  tx: Transaction,
  ctx: Context,
  asked: { values: Values; version: VersionRow; to: Stage; report: GateReport },
): Promise<ApprovalRow> {
  const { values, version, to, report } = asked;
  const now = ctx.now();
  const [row] = await tx
    .insert(approvals)
    .values({
      workspaceId: ctx.workspaceId,
      id: newId(now.getTime()),
      modelId: version.modelId,
      versionId: version.id,
      fromStage: version.stage,
      toStage: to.key,
      state: "pending",
      comment: values.comment,
      requestedBy: personKey(ctx.actor),
      archivePrevious: values.archivePrevious ?? null,
      gatesAtRequest: report,
      createdAt: now,
      expiresAt: new Date(now.getTime() + to.requestDays * DAY_MS),
    })
    .returning();
  if (!row) throw new Error("insert returned no row");
  await recordAudit(tx, ctx, {
    action: "approval.requested",
    subjectType: "approval",
    subjectId: row.id,
    before: null,
    after: {
      versionId: version.id,
      fromStage: row.fromStage,
      toStage: row.toStage,
      comment: row.comment,
      gates: report,
    },
  });
  await emitEvent(tx, ctx, {
    name: "registry/approval.requested",
    data: { approvalId: row.id, modelId: row.modelId, versionId: row.versionId },
  });
  await announceChange(tx, ctx, "registry", row.modelId);
  return row;
}
