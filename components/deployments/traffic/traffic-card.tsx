"use client";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useWorkspace } from "@/components/shell/workspace";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { TextField } from "@/components/ui/field";
import { Menu, MenuItem } from "@/components/ui/menu";
import { offerUndo } from "@/components/ui/offer-undo";
import type { MetricsDto } from "@/server/deployments/metrics/schemas";
import type { DeploymentDetailDto, VariantDto } from "@/server/deployments/schemas";
import { type Share, shareWeights } from "@/server/deployments/traffic/share-weights";
import { afterwards, useChanges } from "../use-change";
import { TrafficRow } from "./traffic-row";

const FORM = "traffic";

/** Who gets what share of the traffic, how each does, and the means to change it. */
export function TrafficCard({
  deployment,
  metrics,
}: {
  deployment: DeploymentDetailDto;
  metrics: MetricsDto | undefined;
}) {
  const { can } = useWorkspace();
  const { isBusy, setTraffic } = useChanges();
  const [draft, setDraft] = useState<Share[] | null>(null);
  const [comment, setComment] = useState("");
  const shown = draft ?? currentShares(deployment);
  const moving = deployment.rollOut !== null && deployment.rollOut.step >= 0;
  const locked = moving && deployment.rollOut?.state === "progressing";
  const mayChange = can("deployments:write") && !locked;
  const total = shown.reduce((sum, one) => sum + one.weight, 0);
  const apply = (shares: Share[], expectedRevision?: number) =>
    afterwards(
      setTraffic.mutateAsync({
        deployment: deployment.id,
        traffic: shares.map(({ variantId, weight }) => ({ variant: variantId, weight })),
        ...(expectedRevision === undefined ? {} : { expectedRevision }),
        ...(comment.trim() ? { comment: comment.trim() } : {}),
      }),
      () => {
        const before = currentShares(deployment);
        setDraft(null);
        setComment("");
        if (expectedRevision === undefined) return;
        offerUndo("Traffic is split as asked", () => apply(before));
      },
    );
  return (
    <Card
      title="Traffic"
      description={
        locked ? "The roll-out moves it. Pause that to set it by hand." : "Share of each version"
      }
      actions={mayChange && !moving && <BringBack {...{ deployment, shown, setDraft }} />}
      flush
    >
      <ul className="divide-y">
        {shown.map((share) => (
          <TrafficRow
            key={share.variantId}
            share={share}
            variant={deployment.variants.find((one) => one.id === share.variantId)}
            metrics={metrics?.variants.find((one) => one.variantId === share.variantId)}
            bucketSeconds={metrics?.bucketSeconds ?? 1}
            disabled={!mayChange || shown.length < 2}
            form={FORM}
            onChange={(weight) => setDraft(withWeight(shown, share.variantId, weight))}
          />
        ))}
        {shown.length === 0 && (
          <li className="px-4 py-3 text-13 text-fg-subtle">Nothing answers yet.</li>
        )}
      </ul>
      {draft && (
        <form
          id={FORM}
          className="flex flex-wrap items-end gap-2 border-t bg-muted px-4 py-3"
          onSubmit={(event) => {
            event.preventDefault();
            apply(shown, deployment.revision);
          }}
        >
          <TextField
            label="Why"
            optional
            value={comment}
            onChange={setComment}
            maxLength={1000}
            className="min-w-40 flex-1"
          />
          <Button onClick={() => setDraft(null)}>Reset</Button>
          <Button
            type="submit"
            variant="primary"
            loading={setTraffic.isPending}
            disabled={total !== 100 || isBusy}
          >
            Apply
          </Button>
        </form>
      )}
    </Card>
  );
}

const currentShares = (deployment: DeploymentDetailDto): Share[] =>
  deployment.variants
    .filter((one) => one.status === "active")
    .sort((a, b) => a.versionNumber - b.versionNumber)
    .map((one) => ({ variantId: one.id, weight: one.weight }));

/** One share set, the others scaled to the rest; the order stays. */
function withWeight(shares: Share[], variantId: string, weight: number): Share[] {
  const others = shares.filter((one) => one.variantId !== variantId);
  const next = shareWeights(others, variantId, Math.min(100, Math.max(0, Math.round(weight))));
  const weightOf = new Map(next.map((one) => [one.variantId, one.weight]));
  return shares.map((one) => ({ ...one, weight: weightOf.get(one.variantId) ?? 0 }));
}

/** Versions that served before can take a share again. */
function BringBack({
  deployment,
  shown,
  setDraft,
}: {
  deployment: DeploymentDetailDto;
  shown: Share[];
  setDraft: (shares: Share[]) => void;
}) {
  const present = new Set(
    deployment.variants
      .filter((one) => shown.some((share) => share.variantId === one.id))
      .map((one) => one.versionNumber),
  );
  const served = new Map<number, VariantDto>();
  for (const variant of deployment.variants) {
    const isServed = variant.status === "retired" && variant.activatedAt !== null;
    if (!isServed || present.has(variant.versionNumber)) continue;
    if (!served.has(variant.versionNumber)) served.set(variant.versionNumber, variant);
  }
  if (served.size === 0 || shown.length === 0) return null;
  return (
    <Menu
      trigger={
        <Button size="sm">
          <Plus aria-hidden className="size-3.5" />
          Add a version
        </Button>
      }
    >
      {[...served.values()].map((variant) => (
        <MenuItem
          key={variant.id}
          onClick={() => setDraft([...shown, { variantId: variant.id, weight: 0 }])}
        >
          v{variant.versionNumber}, served before
        </MenuItem>
      ))}
    </Menu>
  );
}
