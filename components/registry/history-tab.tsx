"use client";
import { useQueryStates } from "nuqs";
import { modelSearchParams } from "@/app/(workspace)/[workspace]/registry/search-params";
import { NumberField } from "@/components/ui/number-field";
import { EmptyState } from "@/components/ui/states";
import type { Model } from "./model-page";
import { VersionHistory } from "./version-history";

/** What happened to one version of the model; the newest one unless chosen. */
export function HistoryTab({ model }: { model: Model }) {
  const [{ version }, setParams] = useQueryStates(modelSearchParams);
  if (model.latestVersion === null) {
    return <EmptyState title="No history yet">It begins with the first version.</EmptyState>;
  }
  const shown = version ?? model.latestVersion;
  return (
    <div className="space-y-3">
      <NumberField
        label="Version"
        className="w-32"
        value={shown}
        onChange={(next) => void setParams({ version: next })}
        min={1}
        max={model.latestVersion}
        step={1}
      />
      <VersionHistory model={model.id} version={String(shown)} />
    </div>
  );
}
