import type { Column } from "@/components/ui/data-table";
import { formatMetric } from "@/components/ui/format";
import { Status } from "@/components/ui/status";
import { Elapsed, RelativeTime } from "@/components/ui/time";
import { Checkbox } from "@/components/ui/toggles";
import type { RunDto } from "@/server/experiments/schemas";

/** Parameters and metrics a table shows before somebody hides some. */
const PER_KIND = 30;
const FIRST_PARAM = "algorithm";

/** Columns every run has. */
export function fixedColumns({
  chosen,
  full,
  toggle,
}: {
  chosen: string[];
  full: boolean;
  toggle: (id: string, on: boolean) => void;
}): Column<RunDto>[] {
  return [
    {
      id: "compare",
      header: <span className="sr-only">Compare</span>,
      card: "corner",
      className: "w-8 pr-0",
      cell: (run) => (
        <span className="relative z-10">
          <Checkbox
            label={`Compare ${run.name}`}
            hideLabel
            checked={chosen.includes(run.id)}
            disabled={full && !chosen.includes(run.id)}
            onChange={(on) => toggle(run.id, on)}
          />
        </span>
      ),
    },
    { id: "name", header: "Run", card: "title", sortValue: (r) => r.name, cell: (r) => r.name },
    { id: "status", header: "Status", cell: (run) => <Status status={run.status} /> },
    {
      id: "startTime",
      header: "Started",
      sortValue: (run) => run.startTime,
      cell: (run) => <RelativeTime at={run.startTime} />,
    },
    {
      id: "duration",
      header: "Duration",
      align: "right",
      cell: (run) => <Elapsed from={run.startTime} to={run.endTime} />,
    },
  ];
}

type Named = Column<RunDto> & { name: string };

/** Keys in the order of how many runs have them. */
function frequentKeys(lists: { key: string }[][]): string[] {
  const counts = new Map<string, number>();
  for (const list of lists) {
    for (const { key } of list) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, PER_KIND)
    .map(([key]) => key);
}

/** A column for each metric, which sorts, and for each parameter. */
export function dynamicColumns(runs: RunDto[]): Named[] {
  const metrics = frequentKeys(runs.map((run) => run.metrics)).map(
    (key): Named => ({
      id: `metric:${key}`,
      name: key,
      header: key,
      align: "right",
      sortValue: (run) => run.metrics.find((metric) => metric.key === key)?.value ?? null,
      cell: (run) => formatMetric(run.metrics.find((metric) => metric.key === key)?.value),
    }),
  );
  const params = frequentKeys(runs.map((run) => run.params)).map(
    (key): Named => ({
      id: `param:${key}`,
      name: key,
      header: <span className="font-mono">{key}</span>,
      card: "hide",
      cell: (run) => {
        const value = run.params.find((param) => param.key === key)?.value;
        return (
          <span className="inline-block max-w-40 truncate align-bottom" title={value}>
            {value ?? "–"}
          </span>
        );
      },
    }),
  );
  // What tells runs apart at a glance stands before the figures.
  const first = params.filter((column) => column.name === FIRST_PARAM);
  return [...first, ...metrics, ...params.filter((column) => column.name !== FIRST_PARAM)];
}
