"use client";
import { useMutation } from "@tanstack/react-query";
import { Allowed } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import type { ModelVersion } from "@/components/trpc/outputs";
import { Button } from "@/components/ui/button";
import { Card, Facts } from "@/components/ui/card";
import { toFailure } from "@/components/ui/failure";
import { SignatureDialog } from "./signature-dialog";

/** Whether MLflow logged the version as ONNX. */
export const isLoggedOnnx = ({ environment }: Pick<ModelVersion, "environment">): boolean => {
  const { flavors } = (environment.mlflow ?? {}) as { flavors?: string[] };
  return flavors?.includes("onnx") ?? false;
};

/** For an ONNX file without a signature: reads its tensors and proposes one. */
export function ProposeCard({ version }: { version: ModelVersion }) {
  const trpc = useTRPC();
  const propose = useMutation(trpc.registry.proposeSignature.mutationOptions());
  const { data, error, isPending, reset } = propose;
  return (
    <Card
      title="Signature"
      description="What the model takes and gives is not said yet."
      actions={
        <Allowed permission="models:write">
          <Button
            size="sm"
            loading={isPending}
            onClick={() => propose.mutate({ model: version.modelId, version: version.id })}
          >
            Read it from the graph
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
                ...data.graph.inputs.map((one) => ({ name: "Takes", value: shapeText(one) })),
                ...data.graph.outputs.map((one) => ({ name: "Gives", value: shapeText(one) })),
              ]}
            />
          </>
        ) : (
          <p className="text-fg-subtle">
            The ONNX file is deployed once its columns, classes and images have names. What its
            graph says is read for you.
          </p>
        )}
      </div>
      {data?.signature && (
        <SignatureDialog version={version} start={data.signature} proposal={data} onClose={reset} />
      )}
    </Card>
  );
}

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
