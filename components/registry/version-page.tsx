"use client";
import { useQuery } from "@tanstack/react-query";
import { ArrowLeftRight, Columns2, Ellipsis, Rocket, Tag } from "lucide-react";
import { useParams } from "next/navigation";
import { useQueryStates } from "nuqs";
import { useState } from "react";
import {
  VERSION_TABS,
  versionSearchParams,
} from "@/app/(workspace)/[workspace]/registry/search-params";
import { DeployDialog } from "@/components/deployments/deploy-dialog";
import { Allowed, useWorkspace } from "@/components/shell/workspace";
import { algorithmLabel } from "@/components/training/algorithm-label";
import { useTRPC } from "@/components/trpc/client";
import type { ModelVersion } from "@/components/trpc/outputs";
import { Button, IconButton } from "@/components/ui/button";
import { Menu, MenuItem, MenuLink } from "@/components/ui/menu";
import { PageHeader } from "@/components/ui/page";
import { QueryView } from "@/components/ui/states";
import { Badge } from "@/components/ui/status";
import { Tabs } from "@/components/ui/tabs";
import { RelativeTime } from "@/components/ui/time";
import { isNative } from "./conversion-card";
import { LineageGraph } from "./lineage-graph";
import { ReachField } from "./reach-field";
import { RequestStageDialog } from "./request-stage-dialog";
import { SemanticVersionDialog } from "./semantic-version-dialog";
import { StageBadge } from "./stage-badge";
import { VersionAliases } from "./version-aliases";
import { VersionApprovals } from "./version-approvals";
import { VersionHistory } from "./version-history";
import { VersionOverview } from "./version-overview";

const LABELS = { overview: "Overview", lineage: "Lineage", history: "History" } as const;

/** One version: how good, made of what, where it stands, ready to be deployed. */
export function VersionPage() {
  const { model, version } = useParams<{ model: string; version: string }>();
  const trpc = useTRPC();
  const query = useQuery(trpc.registry.getVersion.queryOptions({ model, version }));
  return <QueryView query={query}>{(data) => <VersionView version={data} />}</QueryView>;
}

function VersionView({ version }: { version: ModelVersion }) {
  const [{ tab, reach, deploy, move }, setParams] = useQueryStates(versionSearchParams);
  const { modelId, id } = version;
  return (
    <>
      <VersionHeader
        version={version}
        onMove={() => void setParams({ move: true })}
        onDeploy={() => void setParams({ deploy: true })}
      />
      <VersionApprovals model={modelId} version={id} />
      <Tabs
        label="Version"
        value={tab}
        onChange={(next) => void setParams({ tab: next })}
        tabs={VERSION_TABS.map((value) => ({ value, label: LABELS[value] }))}
      >
        {tab === "overview" && <VersionOverview version={version} />}
        {tab === "lineage" && (
          <div className="space-y-3">
            <ReachField value={reach} onChange={(next) => void setParams({ reach: next })} />
            <LineageGraph model={modelId} version={id} direction={reach} />
          </div>
        )}
        {tab === "history" && <VersionHistory model={modelId} version={id} />}
      </Tabs>
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
        model={{ id: modelId, name: version.modelName }}
        version={version}
        isNative={runsNatively(version)}
      />
    </>
  );
}

/** Pickles are converted or not served at all. */
function runsNatively(version: ModelVersion): boolean {
  const { pickles = [] } = (version.environment.mlflow ?? {}) as { pickles?: string[] };
  return isNative(version) && pickles.length === 0;
}

function VersionHeader({
  version,
  onMove,
  onDeploy,
}: {
  version: ModelVersion;
  onMove: () => void;
  onDeploy: () => void;
}) {
  const { path } = useWorkspace();
  return (
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
            <Button onClick={onMove}>
              <ArrowLeftRight aria-hidden className="size-3.5" />
              Change stage
            </Button>
          </Allowed>
          <Allowed permission="deployments:write" explain>
            <Button variant="primary" onClick={onDeploy}>
              <Rocket aria-hidden className="size-3.5" />
              Deploy
            </Button>
          </Allowed>
          <VersionMenu version={version} />
        </>
      }
    />
  );
}

function VersionMenu({ version }: { version: ModelVersion }) {
  const { path, can } = useWorkspace();
  const [numbering, setNumbering] = useState(false);
  const writable = can("models:write");
  if (!writable && version.number === 1) return null;
  return (
    <>
      <Menu
        trigger={
          <IconButton label="More actions" variant="secondary">
            <Ellipsis className="size-4" />
          </IconButton>
        }
      >
        {writable && (
          <MenuItem onClick={() => setNumbering(true)}>
            <Tag aria-hidden />
            Set the semantic version
          </MenuItem>
        )}
        {version.number > 1 && (
          <MenuLink
            href={`${path("registry", version.modelId)}?compare=${version.number - 1},${version.number}`}
          >
            <Columns2 aria-hidden />
            Compare with v{version.number - 1}
          </MenuLink>
        )}
      </Menu>
      {numbering && <SemanticVersionDialog version={version} onClose={() => setNumbering(false)} />}
    </>
  );
}
