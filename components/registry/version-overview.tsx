import { useWorkspace } from "@/components/shell/workspace";
import type { ModelVersion } from "@/components/trpc/outputs";
import { Card, Facts } from "@/components/ui/card";
import { CodeBlock } from "@/components/ui/code-block";
import { formatDuration, humanize } from "@/components/ui/format";
import { TextLink } from "@/components/ui/text-link";
import { ArtifactList } from "./artifact-list";
import { valueText } from "./comparison";
import { ConversionCard, isNative } from "./conversion-card";
import { EndpointCard } from "./external/endpoint-card";
import { ParityCard } from "./parity-card";
import { MissingSignature } from "./signature/propose-card";
import { SignatureCard } from "./signature/signature-card";
import { TagsCard } from "./tags-card";
import { VersionMetrics } from "./version-metrics";

/** How good a version is, what it takes and gives, and what it is made of. */
export function VersionOverview({ version }: { version: ModelVersion }) {
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[3fr_2fr]">
      <div className="min-w-0 space-y-4">
        <VersionMetrics metrics={version.metrics} />
        {version.signature && <SignatureCard version={version} signature={version.signature} />}
        {!version.signature && <MissingSignature version={version} />}
        <Card title="Input example">
          {version.inputExample ? (
            <CodeBlock label="Input example" code={JSON.stringify(version.inputExample, null, 2)} />
          ) : (
            <p className="text-13 text-fg-muted">None recorded.</p>
          )}
        </Card>
      </div>
      <div className="min-w-0 space-y-4">
        {version.environment.origin === "external" && (
          <EndpointCard model={version.modelId} version={version.id} />
        )}
        <VersionFacts version={version} />
        <TagsCard model={version.modelId} version={version.id} />
        {isNative(version) && <ConversionCard version={version} />}
        <ParityCard parity={version.parity} />
        <ArtifactList model={version.modelId} version={version.id} />
        <ValueCard title="Hyperparameters" values={version.hyperparameters} />
        <ValueCard title="Environment" values={version.environment} />
      </div>
    </div>
  );
}

function VersionFacts({ version }: { version: ModelVersion }) {
  const { path } = useWorkspace();
  return (
    <Card title="Made from">
      <Facts
        items={[
          {
            name: "Dataset",
            value: version.datasetId ? (
              <TextLink href={path("datasets", version.datasetId)}>
                {version.datasetSha256?.slice(0, 12) ?? "Open"}
              </TextLink>
            ) : (
              "–"
            ),
          },
          {
            name: "Run",
            value: version.runId ? (
              <TextLink href={path("experiments", "runs", version.runId)}>
                Curves and parameters
              </TextLink>
            ) : (
              "–"
            ),
          },
          {
            name: "Training job",
            value: version.trainingJobId ? (
              <TextLink href={path("training", version.trainingJobId)}>Log and progress</TextLink>
            ) : (
              "–"
            ),
          },
          { name: "Task", value: humanize(version.task) },
          { name: "Seed", value: version.seed ?? "–" },
          { name: "Duration", value: formatDuration(version.durationSeconds) },
        ]}
      />
    </Card>
  );
}

/** Values inside values by their path: packages.onnx. */
function flat(values: Record<string, unknown>, prefix = ""): [string, unknown][] {
  return Object.entries(values).flatMap(([key, value]): [string, unknown][] =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? flat(value as Record<string, unknown>, `${prefix}${key}.`)
      : [[prefix + key, value]],
  );
}

function ValueCard({ title, values }: { title: string; values: Record<string, unknown> }) {
  const entries = flat(values);
  return (
    <Card title={title}>
      {entries.length === 0 ? (
        <p className="text-13 text-fg-subtle">None recorded.</p>
      ) : (
        <Facts
          items={entries.map(([name, value]) => ({
            name,
            value: <span className="break-all">{valueText(value)}</span>,
          }))}
        />
      )}
    </Card>
  );
}
