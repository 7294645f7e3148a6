"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useQueryStates } from "nuqs";
import { modelSearchParams } from "@/app/(workspace)/[workspace]/registry/search-params";
import { useTRPC } from "@/components/trpc/client";
import type { Outputs } from "@/components/trpc/outputs";
import { IconButton } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { cn } from "@/components/ui/class-names";
import { formatMetric } from "@/components/ui/format";
import { ScrollRegion } from "@/components/ui/scroll-region";
import { QueryView, TableSkeleton } from "@/components/ui/states";
import { Switch } from "@/components/ui/toggles";

type Compared = Outputs["registry"]["compareVersions"];
type Row = Compared["metrics"][number];

/** A value of any kind as short text. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "number") return String(Number(value.toPrecision(6)));
  return typeof value === "string" ? value : JSON.stringify(value);
}

const metricText = (value: unknown) =>
  typeof value === "number" ? formatMetric(value) : valueText(value);

/** Facts come by their field's name. */
const FACTS: Record<string, string> = {
  algorithm: "Algorithm",
  task: "Task",
  target: "Target",
  datasetId: "Dataset",
  datasetSha256: "Dataset sha256",
  seed: "Seed",
  durationSeconds: "Duration, seconds",
};

/** Versions side by side; by default only what differs. */
export function Comparison({
  model,
  versions,
  onClose,
}: {
  model: string;
  versions: number[];
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const [{ all }, setParams] = useQueryStates(modelSearchParams);
  const comparison = useQuery({
    ...trpc.registry.compareVersions.queryOptions({ model, versions: versions.map(String) }),
    placeholderData: keepPreviousData,
  });
  return (
    <Card
      title={`Compare ${versions.map((number) => `v${number}`).join(", ")}`}
      flush
      actions={
        <>
          <Switch
            label="Differences only"
            checked={!all}
            onChange={(on) => void setParams({ all: !on })}
          />
          <IconButton size="icon-sm" label="Close the comparison" onClick={onClose}>
            <X className="size-4" />
          </IconButton>
        </>
      }
    >
      <QueryView query={comparison} skeleton={<TableSkeleton rows={5} />}>
        {(data) => <ComparisonTable data={data} all={all} />}
      </QueryView>
    </Card>
  );
}

function ComparisonTable({ data, all }: { data: Compared; all: boolean }) {
  const groups = [
    { name: "Metrics", rows: data.metrics, text: metricText },
    { name: "Hyperparameters", rows: data.hyperparameters },
    { name: "Facts", rows: data.facts },
    { name: "Features", rows: data.features },
    { name: "Signature", rows: data.signature },
    { name: "Environment", rows: data.environment },
  ]
    .map((group) => ({ ...group, rows: group.rows.filter((row) => all || row.differs) }))
    .filter((group) => group.rows.length > 0);
  if (groups.length === 0) {
    return <p className="p-4 text-13 text-fg-muted">These versions do not differ.</p>;
  }
  return (
    <ScrollRegion label="Comparison" className="overflow-x-auto">
      <table className="w-full text-13">
        <thead>
          <tr className="border-b text-left text-fg-subtle text-xs">
            <th scope="col" className="h-9 px-4 font-medium">
              <span className="sr-only">What</span>
            </th>
            {data.versions.map((version) => (
              <th key={version.id} scope="col" className="px-4 text-right font-medium text-fg">
                v{version.number}
              </th>
            ))}
          </tr>
        </thead>
        {groups.map((group) => (
          <tbody key={group.name}>
            <tr>
              <th
                scope="rowgroup"
                colSpan={data.versions.length + 1}
                className="border-b bg-bg px-4 py-1.5 text-left font-medium text-fg-subtle text-xs"
              >
                {group.name}
              </th>
            </tr>
            {group.rows.map((row) => (
              <ComparedLine key={row.name} row={row} data={data} text={group.text ?? valueText} />
            ))}
          </tbody>
        ))}
      </table>
    </ScrollRegion>
  );
}

function ComparedLine({
  row,
  data,
  text,
}: {
  row: Row;
  data: Compared;
  text: (value: unknown) => string;
}) {
  return (
    <tr className="border-b last:border-b-0">
      <th scope="row" className="whitespace-nowrap px-4 py-1.5 text-left font-normal text-fg-muted">
        {FACTS[row.name] ?? row.name}
      </th>
      {row.values.map((value, index) => (
        <td
          key={data.versions[index]?.id}
          className={cn(
            "max-w-64 truncate px-4 py-1.5 text-right",
            row.differs && "font-medium text-fg",
          )}
          title={text(value)}
        >
          {text(value)}
        </td>
      ))}
    </tr>
  );
}
