import { algorithmLabel } from "@/components/training/algorithm-label";
import { Card, Facts } from "@/components/ui/card";
import { formatPercent, humanize } from "@/components/ui/format";
import type { JobDto } from "@/server/training/schemas";

/** What the job was asked to do. */
export const JobSettings = ({ job }: { job: JobDto }) => (
  <div className="grid items-start gap-4 lg:grid-cols-2">
    <Card title="Settings">
      <Facts
        items={[
          { name: "Algorithm", value: algorithmLabel(job.algorithm) },
          { name: "Task", value: humanize(job.task) },
          { name: "Target", value: job.target },
          { name: "Validation rows", value: formatPercent(job.validationSplit, 0) },
          { name: "Test rows", value: formatPercent(job.testSplit, 0) },
          { name: "Seed", value: job.seed },
          { name: "Priority", value: job.priority },
          { name: "Version name", value: job.version ?? "–" },
        ]}
      />
    </Card>
    <Card title="Hyperparameters">
      {Object.keys(job.hyperparameters).length === 0 ? (
        <p className="text-13 text-fg-subtle">Defaults of the algorithm.</p>
      ) : (
        <Facts
          items={Object.entries(job.hyperparameters).map(([name, value]) => ({
            name,
            value: String(value),
          }))}
        />
      )}
    </Card>
  </div>
);
