import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import type { Context } from "@/server/kernel/context";
import { AppError, invalid, notFound } from "@/server/kernel/errors";
import { getDeployment } from "../get-deployment";
import {
  type DeploymentRow,
  getDeploymentInWorkspace,
  replicasToLoad,
  requireDeployGrant,
  type VariantRow,
  variantsOf,
} from "../internal";
import { nodeModelOf } from "../load-version";
import { expectRevision, hasTraffic, rollOutsWhere, setRollOut } from "../roll-outs/internal";
import { setTrafficInput } from "../roll-outs/schemas";
import type { DeploymentDetailDto } from "../schemas";
import { activeVersions, moveTraffic, recordTrafficEvent, touchDeployment } from "./move-traffic";
import { preload } from "./preload";
import type { Share } from "./share-weights";

type Values = z.output<typeof setTrafficInput>;

/**
 * Splits traffic over variants by hand. Setting what is set already changes nothing. Throws conflict
 * while a roll-out moves traffic by itself, and when the deployment is not as the caller saw it.
 */
export async function setTraffic(
  ctx: Context,
  input: z.input<typeof setTrafficInput>,
): Promise<DeploymentDetailDto> {
  requirePermission(ctx, "deployments:write");
  const values = setTrafficInput.parse(input);
  await preloadNamed(ctx, values);
  await withWorkspace(ctx, async (tx) => {
    const deployment = await getDeploymentInWorkspace(tx, ctx, values.deployment, true);
    await requireDeployGrant(tx, ctx, deployment);
    const variants = await variantsOf(tx, ctx, [deployment.id]);
    const shares = sharesOf(variants, values);
    if (isAlready(variants, shares)) return;
    await expectRevision(tx, ctx, deployment, values.expectedRevision);
    const roles = await rolesByHand(tx, ctx, deployment, shares);
    await moveTraffic(tx, ctx, variants, {
      shares,
      roles,
      accepted: shares.map((one) => one.variantId).filter((id) => !(id in roles)),
    });
    await touchDeployment(tx, ctx, deployment.id);
    await recordTrafficEvent(tx, ctx, {
      deploymentId: deployment.id,
      kind: "traffic_set",
      versionId: null,
      message: `Traffic was set by hand: ${inWords(variants, shares)}.`,
      comment: values.comment,
    });
    await recordAudit(tx, ctx, {
      action: "deployment.traffic_set",
      subjectType: "deployment",
      subjectId: deployment.id,
      before: activeVersions(variants),
      after: shares,
    });
  });
  return getDeployment(ctx, { deployment: values.deployment });
}

/** Variants that can take traffic: active ones, and served ones that were retired. Throws not_found. */
function sharesOf(variants: VariantRow[], { traffic }: Values): Share[] {
  const shares = traffic.map(({ variant: ref, versionNumber, weight }) => {
    const usable = variants.filter(
      (one) => one.status === "active" || (one.status === "retired" && one.activatedAt),
    );
    const matching = usable.filter((one) =>
      ref === undefined ? one.versionNumber === versionNumber : one.id === ref || one.name === ref,
    );
    const variant = matching.find((one) => one.status === "active") ?? matching[0];
    if (!variant) throw notFound(`The variant ${ref ?? `of version ${versionNumber}`}`);
    if (variant.role === "shadow" && weight > 0) {
      throw new AppError("conflict", `${variant.name} is a shadow. Promote its roll-out instead.`);
    }
    return { variantId: variant.id, weight };
  });
  if (new Set(shares.map((one) => one.variantId)).size < shares.length) {
    throw invalid("A variant is named twice.", [{ path: "traffic", message: "names one twice" }]);
  }
  return shares;
}

const isAlready = (variants: VariantRow[], shares: Share[]): boolean => {
  const active = variants.filter((one) => one.status === "active");
  return (
    active.length === shares.length &&
    shares.every(({ variantId, weight }) =>
      active.some((one) => one.id === variantId && one.weight === weight),
    )
  );
};

/** A paused roll-out keeps its candidate, whatever its share; what moves by itself is left alone. */
async function rolesByHand(
  tx: Transaction,
  ctx: Context,
  deployment: DeploymentRow,
  shares: Share[],
): Promise<Record<string, "candidate" | "shadow">> {
  const open = await rollOutsWhere(tx, ctx, { deploymentIds: [deployment.id], open: true });
  const moving = open.find(hasTraffic);
  if (!moving) return {};
  if (moving.state === "progressing") {
    throw new AppError("conflict", "A roll-out moves the traffic. Pause or abort it first.");
  }
  const members = [...moving.baseline.map((one) => one.variantId), moving.candidateId];
  const isComplete =
    shares.length === members.length && shares.every((one) => members.includes(one.variantId));
  if (!isComplete) {
    throw new AppError("conflict", "Name every variant of the paused roll-out, and no other.");
  }
  const rest = shares.filter((one) => one.variantId !== moving.candidateId);
  // What the others are among themselves is what the next step scales.
  if (rest.some((one) => one.weight > 0)) {
    await setRollOut(tx, ctx, moving.id, { baseline: scaledTo100(rest) });
  }
  return { [moving.candidateId]: moving.strategy === "shadow" ? "shadow" : "candidate" };
}

function scaledTo100(shares: Share[]): Share[] {
  const total = shares.reduce((sum, one) => sum + one.weight, 0);
  const scaled = shares.map((one) => ({
    ...one,
    weight: Math.floor((one.weight * 100) / total),
  }));
  const first = scaled[0];
  if (first) first.weight += 100 - scaled.reduce((sum, one) => sum + one.weight, 0);
  return scaled;
}

const inWords = (variants: VariantRow[], shares: Share[]): string =>
  shares
    .map(({ variantId, weight }) => {
      const variant = variants.find((one) => one.id === variantId);
      return `v${variant?.versionNumber} ${weight}%`;
    })
    .join(", ");

/** A retired version is put back on nodes before it answers anybody. */
async function preloadNamed(ctx: Context, values: Values): Promise<void> {
  const found = await withWorkspace(ctx, async (tx) => {
    const deployment = await getDeploymentInWorkspace(tx, ctx, values.deployment);
    await requireDeployGrant(tx, ctx, deployment);
    const variants = await variantsOf(tx, ctx, [deployment.id]);
    const named = new Set(sharesOf(variants, values).map((one) => one.variantId));
    const retired = variants.filter((one) => named.has(one.id) && one.status === "retired");
    const models = await Promise.all(retired.map((one) => nodeModelOf(tx, ctx, one.versionId)));
    return { models, replicas: replicasToLoad(deployment) };
  });
  for (const model of found.models) if (model) await preload(ctx, model, found.replicas);
}
