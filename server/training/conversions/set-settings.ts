import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { conversionSettings } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { allowsPickled } from "./internal";
import { setSettingsInput, type settingsDto } from "./schemas";

/** Allows pickled models to be converted from now on, or forbids it; what was converted stays. */
export async function setConversionSettings(
  ctx: Context,
  input: z.input<typeof setSettingsInput>,
): Promise<z.infer<typeof settingsDto>> {
  requirePermission(ctx, "workspace:write");
  const { allowPickled } = setSettingsInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const before = { allowPickled: await allowsPickled(tx, ctx) };
    const values = { allowPickled, updatedAt: ctx.now() };
    await tx
      .insert(conversionSettings)
      .values({ ...values, workspaceId: ctx.workspaceId })
      .onConflictDoUpdate({ target: conversionSettings.workspaceId, set: values });
    await recordAudit(tx, ctx, {
      action: "workspace.conversion_settings_changed",
      subjectType: "workspace",
      subjectId: ctx.workspaceId,
      before,
      after: { allowPickled },
    });
    await announceChange(tx, ctx, "training", ctx.workspaceId);
    return { allowPickled };
  });
}
