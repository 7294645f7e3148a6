import type { Column } from "@/server/kernel/table/column";
import type { ColumnsDto, RunRowDto } from "../search/schemas";

type ExportColumn = Column<RunRowDto>;

const textOf = (entries: { key: string; value: string }[], key: string): string | null =>
  entries.find((entry) => entry.key === key)?.value ?? null;

/** Facts of a run, then a column for each metric's last value, parameter and tag. */
export function exportColumns(
  keys: Pick<ColumnsDto, "metrics" | "params" | "tags">,
): ExportColumn[] {
  const text = (name: string, cell: (run: RunRowDto) => string | null): ExportColumn => ({
    name,
    type: "text",
    cell,
  });
  return [
    text("run_id", (run) => run.id.replaceAll("-", "")),
    text("name", (run) => run.name),
    text("experiment", (run) => run.experimentName),
    text("status", (run) => run.status),
    text("user", (run) => run.userName),
    { name: "start_time", type: "time", cell: (run) => new Date(run.startTime) },
    {
      name: "end_time",
      type: "time",
      cell: (run) => (run.endTime === null ? null : new Date(run.endTime)),
    },
    ...keys.metrics.map(
      ({ key }): ExportColumn => ({
        name: `metrics.${key}`,
        type: "number",
        cell: (run) => {
          const metric = run.metrics.find((one) => one.key === key);
          return metric ? (metric.value ?? Number.NaN) : null;
        },
      }),
    ),
    ...keys.params.map(({ key }) => text(`params.${key}`, (run) => textOf(run.params, key))),
    ...keys.tags.map(({ key }) => text(`tags.${key}`, (run) => textOf(run.tags, key))),
  ];
}
