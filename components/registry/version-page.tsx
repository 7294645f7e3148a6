"use client";
import { useQuery } from "@tanstack/react-query";
import { ArrowLeftRight, Rocket } from "lucide-react";
import { useParams } from "next/navigation";
import { useQueryStates } from "nuqs";
import { versionSearchParams } from "@/app/(workspace)/[workspace]/registry/search-params";
import { DeployDialog } from "@/components/deployments/deploy-dialog";
import { Allowed, useWorkspace } from "@/components/shell/workspace";
import { algorithmLabel } from "@/components/training/algorithm-label";
import { useTRPC } from "@/components/trpc/client";
import type { ModelVersion } from "@/components/trpc/outputs";
import { Button } from "@/components/ui/button";
import { Card, Facts } from "@/components/ui/card";
import { CodeBlock } from "@/components/ui/code-block";
import { formatDuration, humanize } from "@/components/ui/format";
import { PageHeader } from "@/components/ui/page";
import { QueryView } from "@/components/ui/states";
import { Badge } from "@/components/ui/status";
import { TextLink } from "@/components/ui/text-link";
import { RelativeTime } from "@/components/ui/time";
import { ArtifactList } from "./artifact-list";
import { valueText } from "./comparison";
import { LineageGraph } from "./lineage-graph";
import { ParityCard } from "./parity-card";
import { RequestStageDialog } from "./request-stage-dialog";
import { SignatureCard } from "./signature-card";
import { StageBadge } from "./stage-badge";
import { TagsCard } from "./tags-card";
import { VersionAliases } from "./version-aliases";
import { VersionApprovals } from "./version-approvals";
import { VersionMetrics } from "./version-metrics";

/** One version: how good, made of what, ready to be deployed. */
export function VersionPage() {
  const { model, version } = useParams<{ model: string; version: string }>();
  const trpc = useTRPC();
  const query = useQuery(trpc.registry.getVersion.queryOptions({ model, version }));
  return <QueryView query={query}>{(data) => <VersionView version={data} />}</QueryView>;
}

function VersionView({ version }: { version: ModelVersion }) {
  const { path } = useWorkspace();
  const [{ deploy, move }, setParams] = useQueryStates(versionSearchParams);
  return (
    <>
      <PageHeader
        crumbs={[
          { label: "Models", href: path("registry") },
          { label: version.modelName, href: path("registry", version.modelId) },
        ]}
        title={`${version.modelName} v${version.number}`}
        status={
          <>
            {version.label && <Badge>{version.label}</Badge>}
            {version.semanticVersion && <Badge mono>{version.semanticVersion}</Badge>}
            <StageBadge stage={version.stage} />
            <VersionAliases model={version.modelId} version={version.id} />
          </>
        }
        description={version.description}
        meta={
          <>
            <span>{version.algorithm ? algorithmLabel(version.algorithm) : version.task}</span>
            <span>
              made <RelativeTime at={version.createdAt} /> by {version.createdBy ?? "Modelyard"}
            </span>
          </>
        }
        actions={
          <>
            <Allowed permission="models:write">
              <Button onClick={() => void setParams({ move: true })}>
                <ArrowLeftRight aria-hidden className="size-3.5" />
                Change stage
              </Button>
            </Allowed>
            <Allowed permission="deployments:write" explain>
              <Button variant="primary" onClick={() => void setParams({ deploy: true })}>
                <Rocket aria-hidden className="size-3.5" />
                Deploy
              </Button>
            </Allowed>
          </>
        }
      />
      <VersionApprovals model={version.modelId} version={version.id} />
      <div className="mb-4">
        <LineageGraph model={version.modelId} version={version.id} />
      </div>
      <div className="grid items-start gap-4 lg:grid-cols-[3fr_2fr]">
        <div className="min-w-0 space-y-4">
          <VersionMetrics metrics={version.metrics} />
          {version.signature && <SignatureCard signature={version.signature} />}
          <Card title="Input example">
            <CodeBlock
              label="Input example"
              code={JSON.stringify(version.inputExample ?? null, null, 2)}
            />
          </Card>
        </div>
        <div className="min-w-0 space-y-4">
          <VersionFacts version={version} />
          <TagsCard model={version.modelId} version={version.id} />
          <ParityCard parity={version.parity} />
          <ArtifactList model={version.modelId} version={version.id} />
          <ValueCard title="Hyperparameters" values={version.hyperparameters} />
          <ValueCard title="Environment" values={version.environment} />
        </div>
      </div>
      {move && (
        <RequestStageDialog
          version={version}
          to=""
          onClose={() => void setParams({ move: false })}
        />
      )}
      <DeployDialog
        open={deploy}
        onOpenChange={(next) => void setParams({ deploy: next })}
        model={{ id: version.modelId, name: version.modelName }}
        version={version}
      />
    </>
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
