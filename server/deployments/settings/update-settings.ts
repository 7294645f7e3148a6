import { isDeepStrictEqual } from "node:util";
import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { deployments, deploymentVariants } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import {
  type DeploymentRow,
  getDeploymentInWorkspace,
  requireDeployGrant,
  type VariantRow,
  variantsOf,
} from "../internal";
import { announceRouting, recordEvent } from "../record-event";
import { replicasAfter } from "../scaling/replicas-after";
import { batchingSettings } from "./batching";
import { checkPatched, toSettingsDto } from "./internal";
import { mergePatch } from "./merge-patch";
import { type SettingsDto, updateSettingsInput } from "./schemas";
import { deploymentSettings } from "./settings";

type Values = z.output<typeof updateSettingsInput>;

/**
 * Changes how a deployment answers by a JSON merge patch (RFC 7396); gateways and nodes follow at
 * once, and nothing is loaded again. Throws not_found for a variant that is not active, forbidden,
 * validation_failed for a setting that is not known or out of its range.
 */
export async function updateDeploymentSettings(
  ctx: Context,
  input: z.input<typeof updateSettingsInput>,
): Promise<SettingsDto> {
  requirePermission(ctx, "deployments:write");
  const values = updateSettingsInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const deployment = await getDeploymentInWorkspace(tx, ctx, values.deployment, true);
    await requireDeployGrant(tx, ctx, deployment);
    const variants = await variantsOf(tx, ctx, [deployment.id], "relevant");
    const before = toSettingsDto(deployment.settings, variants);
    const settings = await patchDeployment(tx, ctx, deployment, values);
    const patched = await patchVariants(tx, ctx, variants, values.variants ?? {});
    const after = toSettingsDto(settings, patched);
    if (isDeepStrictEqual(before, after)) return after;
    await recordEvent(tx, ctx, {
      deploymentId: deployment.id,
      kind: "settings_changed",
      versionId: null,
      message: `Settings were changed: ${changedNames(before, after).join(", ")}.`,
    });
    await recordAudit(tx, ctx, {
      action: "deployment.settings_changed",
      subjectType: "deployment",
      subjectId: deployment.id,
      before,
      after,
    });
    await announceRouting(tx, ctx);
    await announceChange(tx, ctx, "deployments", deployment.id);
    return after;
  });
}

/** Only what was set is stored, so that defaults may become better. */
async function patchDeployment(
  tx: Transaction,
  ctx: Context,
  deployment: DeploymentRow,
  { deployment: _, variants: __, ...patch }: Values,
): Promise<unknown> {
  const { id, settings: stored } = deployment;
  const settings = mergePatch(stored, patch);
  checkPatched(deploymentSettings, settings, "");
  const { scaling } = deploymentSettings.parse(settings);
  await tx
    .update(deployments)
    .set({ settings, ...replicasAfter(deployment, scaling), updatedAt: ctx.now() })
    .where(and(eq(deployments.workspaceId, ctx.workspaceId), eq(deployments.id, id)));
  return settings;
}

async function patchVariants(
  tx: Transaction,
  ctx: Context,
  variants: VariantRow[],
  patches: NonNullable<Values["variants"]>,
): Promise<VariantRow[]> {
  const changed = new Map<string, unknown>();
  for (const [ref, { batching: patch }] of Object.entries(patches)) {
    const variant = variants.find(
      (one) => one.status === "active" && (one.id === ref || one.name === ref),
    );
    if (!variant) throw notFound(`The active variant ${ref.slice(0, 40)}`);
    if (patch === undefined) continue;
    const batching = patch === null ? null : mergePatch(variant.batching, patch);
    if (batching !== null) checkPatched(batchingSettings, batching, `variants.${ref}.batching`);
    changed.set(variant.id, batching);
    await tx
      .update(deploymentVariants)
      .set({ batching })
      .where(
        and(
          eq(deploymentVariants.workspaceId, ctx.workspaceId),
          eq(deploymentVariants.id, variant.id),
        ),
      );
  }
  return variants.map((one) =>
    changed.has(one.id) ? { ...one, batching: changed.get(one.id) } : one,
  );
}

function changedNames(before: SettingsDto, after: SettingsDto): string[] {
  const sections = ["routing", "batching", "logging", "placement", "scaling"] as const;
  const names: string[] = sections.flatMap((section) => {
    const [was, is] = [before.settings[section], after.settings[section]];
    const values = new Map<string, unknown>(Object.entries(was));
    return Object.entries(is)
      .filter(([key, value]) => !isDeepStrictEqual(values.get(key), value))
      .map(([key]) => `${section}.${key}`);
  });
  after.variants.forEach((variant, at) => {
    if (!isDeepStrictEqual(variant, before.variants[at])) names.push(`${variant.name}.batching`);
  });
  return names;
}
