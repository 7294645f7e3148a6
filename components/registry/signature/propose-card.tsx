"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Allowed } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import type { ModelVersion } from "@/components/trpc/outputs";
import { Button } from "@/components/ui/button";
import { Card, Facts } from "@/components/ui/card";
import { toFailure } from "@/components/ui/failure";
import { OutputRoles } from "./output-roles";
import { SignatureDialog } from "./signature-dialog";

/** Whether MLflow logged the version as ONNX. */
const isLoggedOnnx = ({ environment }: Pick<ModelVersion, "environment">): boolean => {
  const { flavors } = (environment.mlflow ?? {}) as { flavors?: string[] };
  return flavors?.includes("onnx") ?? false;
};

/** For a version without a signature, where it has a file that says its tensors. */
export function MissingSignature({ version }: { version: ModelVersion }) {
  const trpc = useTRPC();
  const ref = { model: version.modelId, version: version.id };
  const files = useQuery(trpc.registry.listVersionArtifacts.queryOptions(ref));
  const hasArchive = files.data?.some(
    ({ path, kind }) => path.endsWith(".pt2") && kind !== "quarantined",
  );
  if (isLoggedOnnx(version)) return <ProposeCard version={version} isArchive={false} />;
  return hasArchive ? <ProposeCard version={version} isArchive /> : null;
}

/** Reads the tensors of a file and proposes a signature. */
function ProposeCard({ version, isArchive }: { version: ModelVersion; isArchive: boolean }) {
  const trpc = useTRPC();
  const [closed, setClosed] = useState(false);
  const propose = useMutation(
    trpc.registry.proposeSignature.mutationOptions({ onMutate: () => setClosed(false) }),
  );
  const { data, error, isPending } = propose;
  const ref = { model: version.modelId, version: version.id };
  return (
    <Card
      title="Signature"
      description="What the model takes and gives is not said yet."
      actions={
        <Allowed permission="models:write">
          <Button size="sm" loading={isPending} onClick={() => propose.mutate(ref)}>
            Read it from the file
          </Button>
        </Allowed>
      }
    >
      <div aria-live="polite" className="space-y-3 text-13">
        {error ? (
          <p role="alert" className="break-words rounded-lg bg-danger-soft p-3 text-danger">
            {toFailure(error).detail}
          </p>
        ) : data ? (
          <>
            {data.reason && <p className="rounded-lg bg-warning-soft p-3">{data.reason}</p>}
            <Facts
              items={[
                { name: "Takes", value: shapesText(data.graph.inputs) },
                { name: "Gives", value: shapesText(data.graph.outputs) },
              ]}
            />
            <OutputRoles
              key={JSON.stringify(data.outputs)}
              graph={data.graph}
              start={data.outputs}
              pending={isPending}
              onPropose={(outputs) => propose.mutate({ ...ref, outputs })}
            />
          </>
        ) : (
          <p className="text-fg-subtle">
            The {isArchive ? "PyTorch archive" : "ONNX file"} is deployed once its columns, classes
            and outputs have names. What it says of them is read for you.
          </p>
        )}
      </div>
      {data?.signature && !closed && (
        <SignatureDialog
          version={version}
          start={data.signature}
          proposal={data}
          isArchive={isArchive}
          onClose={() => setClosed(true)}
        />
      )}
    </Card>
  );
}

const shapesText = (tensors: Parameters<typeof shapeText>[0][]) => (
  <span className="grid gap-1">
    {tensors.map((one) => (
      <span key={one.name}>{shapeText(one)}</span>
    ))}
  </span>
);

const shapeText = ({
  name,
  datatype,
  shape,
}: {
  name: string;
  datatype: string;
  shape: number[];
}) => (
  <code className="font-mono text-xs">
    {name} {datatype} [{shape.map((length) => (length < 0 ? "any" : length)).join(", ")}]
  </code>
);
