"use client";
import { useQuery } from "@tanstack/react-query";
import { Rocket } from "lucide-react";
import Link from "next/link";
import { useParams } from "next/navigation";
import { useQueryStates } from "nuqs";
import { versionSearchParams } from "@/app/(workspace)/[workspace]/registry/search-params";
import { DeployDialog } from "@/components/deployments/deploy-dialog";
import { Allowed, useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import type { ModelVersion } from "@/components/trpc/outputs";
import { Button } from "@/components/ui/button";
import { Card, Facts } from "@/components/ui/card";
import { CodeBlock } from "@/components/ui/code-block";
import { formatDuration, humanize } from "@/components/ui/format";
import { PageHeader } from "@/components/ui/page";
import { QueryView } from "@/components/ui/states";
import { Badge } from "@/components/ui/status";
import { RelativeTime } from "@/components/ui/time";
import { ArtifactList } from "./artifact-list";
import { valueText } from "./comparison";
import { LineageGraph } from "./lineage-graph";
import { ParityCard } from "./parity-card";
import { SignatureCard } from "./signature-card";
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
  const [{ deploy }, setParams] = useQueryStates(versionSearchParams);
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
            <Badge>{humanize(version.stage)}</Badge>
          </>
        }
        description={version.description}
        meta={
          <>
            <span>{version.algorithm ? humanize(version.algorithm) : version.task}</span>
            <span>
              made <RelativeTime at={version.createdAt} /> by {version.createdBy ?? "Modelyard"}
            </span>
          </>
        }
        actions={
          <Allowed permission="deployments:write" explain>
            <Button variant="primary" onClick={() => void setParams({ deploy: true })}>
              <Rocket aria-hidden className="size-3.5" />
              Deploy
            </Button>
          </Allowed>
        }
      />
      <div className="grid items-start gap-4 lg:grid-cols-[3fr_2fr]">
        <div className="min-w-0 space-y-4">
          <VersionMetrics metrics={version.metrics} />
          <LineageGraph model={version.modelId} version={version.id} />
          <SignatureCard signature={version.signature} />
          <Card title="Input example">
            <CodeBlock
              label="Input example"
              code={JSON.stringify(version.inputExample ?? null, null, 2)}
            />
          </Card>
        </div>
        <div className="min-w-0 space-y-4">
          <VersionFacts version={version} />
          <ParityCard parity={version.parity} />
          <ArtifactList model={version.modelId} version={version.id} />
          <ValueCard title="Hyperparameters" values={version.hyperparameters} />
          <ValueCard title="Environment" values={version.environment} />
        </div>
      </div>
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
  const link = (href: string, text: string) => (
    <Link href={href} className="text-accent-text hover:underline">
      {text}
    </Link>
  );
  return (
    <Card title="Made from">
      <Facts
        items={[
          {
            name: "Dataset",
            value: version.datasetId
              ? link(
                  path("datasets", version.datasetId),
                  version.datasetSha256?.slice(0, 12) ?? "open",
                )
              : "–",
          },
          {
            name: "Run",
            value: version.runId
              ? link(path("experiments", "runs", version.runId), "Curves and parameters")
              : "–",
          },
          {
            name: "Training job",
            value: version.trainingJobId
              ? link(path("training", version.trainingJobId), "Log and progress")
              : "–",
          },
          { name: "Task", value: humanize(version.task) },
          { name: "Seed", value: version.seed ?? "–" },
          { name: "Duration", value: formatDuration(version.durationSeconds) },
        ]}
      />
    </Card>
  );
}

function ValueCard({ title, values }: { title: string; values: Record<string, unknown> }) {
  const entries = Object.entries(values);
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
