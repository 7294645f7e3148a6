"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Allowed, useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import type { ModelVersion, Outputs } from "@/components/trpc/outputs";
import { Button } from "@/components/ui/button";
import { Card, Facts } from "@/components/ui/card";
import { CodeBlock } from "@/components/ui/code-block";
import { toastFailure } from "@/components/ui/failure";
import { formatDuration } from "@/components/ui/format";
import { QueryView, Skeleton } from "@/components/ui/states";
import { Status } from "@/components/ui/status";
import { TextLink } from "@/components/ui/text-link";
import { RelativeTime } from "@/components/ui/time";
import { NATIVE_FLAVORS } from "@/server/registry/constants";

type Conversion = Outputs["training"]["conversions"]["items"][number];

const STATUS = {
  queued: "queued",
  running: "running",
  succeeded: "completed",
  failed: "failed",
  canceled: "cancelled",
} satisfies Record<Conversion["status"], string>;
const FLAVORS = {
  sklearn: "scikit-learn",
  xgboost: "XGBoost",
  lightgbm: "LightGBM",
} satisfies Record<Conversion["flavor"], string>;
const FORMS = {
  native: "its own format",
  skops: "skops",
  pickle: "pickle",
} satisfies Record<Conversion["form"], string>;

/** Whether MLflow logged the version in a form that becomes ONNX when it is deployed. */
export function isNative({ environment }: Pick<ModelVersion, "environment">): boolean {
  const { flavors } = (environment.mlflow ?? {}) as { flavors?: string[] };
  return NATIVE_FLAVORS.some((flavor) => flavors?.includes(flavor));
}

/** How a native model became ONNX, or why it did not. */
export function ConversionCard({ version }: { version: ModelVersion }) {
  const trpc = useTRPC();
  const ref = { model: version.modelId, version: version.id };
  const query = useQuery(trpc.training.conversions.queryOptions({ ...ref, limit: 1 }));
  const cancel = useMutation(
    trpc.training.cancelConversion.mutationOptions({ onError: toastFailure }),
  );
  const newest = query.data?.items[0];
  const isOpen = newest?.status === "queued" || newest?.status === "running";
  return (
    <Card
      title="Conversion to ONNX"
      actions={
        newest && (
          <>
            <span aria-live="polite">
              <Status
                status={STATUS[newest.status]}
                label={newest.status.charAt(0).toUpperCase() + newest.status.slice(1)}
              />
            </span>
            {isOpen && (
              <Allowed permission="deployments:write">
                <Button size="sm" loading={cancel.isPending} onClick={() => cancel.mutate(ref)}>
                  Cancel
                </Button>
              </Allowed>
            )}
          </>
        )
      }
    >
      <QueryView query={query} skeleton={<Skeleton className="h-24" />}>
        {() => (newest ? <Details conversion={newest} /> : <NotYet version={version} />)}
      </QueryView>
    </Card>
  );
}

/** Before the first deployment. */
function NotYet({ version }: { version: ModelVersion }) {
  const { path } = useWorkspace();
  const { pickles } = (version.environment.mlflow ?? {}) as { pickles?: string[] };
  return (
    <div className="space-y-2 text-13 text-fg-subtle">
      <p>
        The native model becomes ONNX in a sandbox when this version is deployed, unless it is
        deployed to run in its own framework on Python nodes.
      </p>
      {pickles && pickles.length > 0 && (
        <p>
          It is stored as a pickle, which runs code when it is read. Whether that may be converted
          is decided in the{" "}
          <TextLink href={path("settings", "workspace")}>workspace's settings</TextLink>.
        </p>
      )}
    </div>
  );
}

function Details({ conversion }: { conversion: Conversion }) {
  const { startedAt, finishedAt, error, log, method } = conversion;
  const seconds =
    startedAt && finishedAt ? (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000 : null;
  return (
    <div className="space-y-3">
      {error && (
        <p role="alert" className="break-words rounded-lg bg-danger-soft p-3 text-13 text-danger">
          {error}
        </p>
      )}
      <Facts
        items={[
          { name: "Model", value: `${FLAVORS[conversion.flavor]}, ${FORMS[conversion.form]}` },
          ...(method ? [{ name: "Converted by", value: method }] : []),
          { name: "Sandbox", value: wallWords(conversion.walls) },
          { name: "Asked for", value: <RelativeTime at={conversion.createdAt} /> },
          ...(seconds === null ? [] : [{ name: "Duration", value: formatDuration(seconds) }]),
        ]}
      />
      {log && (
        <details>
          <summary className="cursor-pointer rounded text-13 text-fg-muted">Log</summary>
          <CodeBlock label="Conversion log" code={log} wrap className="mt-2" />
        </details>
      )}
    </div>
  );
}

function wallWords(walls: Conversion["walls"]): string {
  if (!walls) return "–";
  const words = [
    walls.files !== null && "files",
    (walls.calls || walls.namespace) && "network",
    walls.calls && "programs",
    walls.limits && "memory and time",
  ].filter((word) => word !== false);
  return words.length > 0 ? `walled off: ${words.join(", ")}` : "no walls on this machine";
}
