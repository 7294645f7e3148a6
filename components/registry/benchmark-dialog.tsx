"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { toFailure } from "@/components/ui/failure";
import { NumberField } from "@/components/ui/number-field";
import { ComboboxField } from "@/components/ui/select";
import { Checkbox } from "@/components/ui/toggles";
import { BENCHMARK_ROWS_MAX, BENCHMARK_VERSIONS_MAX } from "@/server/registry/benchmarks/constants";
import type { Model } from "./model-page";
import { useDatasetOptions } from "./use-datasets";

const FORM = "benchmark";
const VERSIONS_OFFERED = 50;

/** Chooses the dataset and the versions that predict its rows. */
export function BenchmarkDialog({ model, onClose }: { model: Model; onClose: () => void }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const datasets = useDatasetOptions();
  const versions = useQuery(
    trpc.registry.listVersions.queryOptions({ model: model.id, limit: VERSIONS_OFFERED }),
  );
  const [dataset, setDataset] = useState<string | null>(null);
  const [rowsMax, setRowsMax] = useState<number | null>(10_000);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const start = useMutation(
    trpc.registry.createBenchmark.mutationOptions({
      onSuccess: () => {
        void queryClient.invalidateQueries({ queryKey: trpc.registry.listBenchmarks.pathKey() });
        onClose();
      },
    }),
  );
  const toggle = (id: string, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(id);
    else next.delete(id);
    setChosen(next);
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      width="sm"
      title="Benchmark versions"
      description="Each predicts the same rows on an inference node."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            form={FORM}
            variant="primary"
            disabled={!dataset || chosen.size === 0}
            loading={start.isPending}
          >
            Start
          </Button>
        </>
      }
    >
      <form
        id={FORM}
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (!dataset) return;
          start.mutate({
            ...{ model: model.id, dataset, versions: [...chosen] },
            rowsMax: rowsMax ?? 10_000,
          });
        }}
      >
        <ComboboxField
          label="Dataset"
          value={dataset}
          onChange={setDataset}
          options={datasets}
          placeholder="Type to search"
        />
        <fieldset>
          <legend className="mb-1.5 font-medium text-13">Versions</legend>
          <ul className="max-h-48 space-y-0.5 overflow-y-auto">
            {(versions.data?.items ?? []).map((version) => (
              <li key={version.id}>
                <Checkbox
                  label={`v${version.number}${version.label ? ` ${version.label}` : ""}`}
                  checked={chosen.has(version.id)}
                  disabled={!chosen.has(version.id) && chosen.size >= BENCHMARK_VERSIONS_MAX}
                  onChange={(on) => toggle(version.id, on)}
                />
              </li>
            ))}
          </ul>
        </fieldset>
        <NumberField
          label="Rows at most"
          value={rowsMax}
          onChange={setRowsMax}
          min={1}
          max={BENCHMARK_ROWS_MAX}
          step={1}
        />
        {start.error && (
          <p role="alert" className="rounded-lg bg-danger-soft p-3 text-13 text-danger">
            {toFailure(start.error).detail}
          </p>
        )}
      </form>
    </Dialog>
  );
}
