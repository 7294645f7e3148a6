"use client";
import { GitFork } from "lucide-react";
import { useQueryStates } from "nuqs";
import { modelSearchParams } from "@/app/(workspace)/[workspace]/registry/search-params";
import { NumberField } from "@/components/ui/number-field";
import { EmptyState } from "@/components/ui/states";
import { LineageGraph } from "./lineage-graph";
import type { Model } from "./model-page";
import { ReachField } from "./reach-field";

/** Where a version came from and what was made of it; the newest one unless chosen. */
export function LineageTab({ model }: { model: Model }) {
  const [{ version, reach }, setParams] = useQueryStates(modelSearchParams);
  if (model.latestVersion === null) {
    return (
      <EmptyState icon={<GitFork aria-hidden />} title="Nothing to draw yet">
        The graph begins with the first version.
      </EmptyState>
    );
  }
  const shown = version ?? model.latestVersion;
  return (
    <div className="space-y-3">
      <div className="flex flex-wrap items-end gap-3">
        <NumberField
          label="Version"
          className="w-32"
          value={shown}
          onChange={(next) => void setParams({ version: next })}
          min={1}
          max={model.latestVersion}
          step={1}
        />
        <ReachField value={reach} onChange={(next) => void setParams({ reach: next })} />
      </div>
      <LineageGraph model={model.id} version={String(shown)} direction={reach} />
    </div>
  );
}
