"use client";
import { useQuery } from "@tanstack/react-query";
import { PlugZap } from "lucide-react";
import { useWorkspace, WhomToAsk } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { EmptyState, QueryView } from "@/components/ui/states";
import type { DeploymentDetailDto } from "@/server/deployments/schemas";
import { exampleRow, shownRow } from "./feature-values";
import { Playground } from "./playground";
import { Snippets } from "./snippets";

/** A place to try the endpoint: the form follows the signature of the version that answers. */
export function PlaygroundTab({ deployment }: { deployment: DeploymentDetailDto }) {
  const trpc = useTRPC();
  const { can } = useWorkspace();
  const active = deployment.activeVersion;
  const version = useQuery({
    ...trpc.registry.getVersion.queryOptions({
      model: deployment.modelId,
      version: active?.versionId ?? "latest",
    }),
    enabled: active !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (!active) {
    return (
      <EmptyState icon={<PlugZap aria-hidden />} title="Nothing answers yet">
        The form appears when the first version has been loaded.
      </EmptyState>
    );
  }
  return (
    <QueryView query={version}>
      {({ id, signature, inputExample }) => {
        if (!signature) {
          return (
            <EmptyState icon={<PlugZap aria-hidden />} title="No form for this version">
              It came without a signature, so nobody knows what it takes.
            </EmptyState>
          );
        }
        const example = exampleRow(signature, inputExample);
        return (
          <div className="space-y-4">
            {can("predictions:create") ? (
              <Playground
                key={id}
                deployment={deployment}
                signature={signature}
                example={example}
              />
            ) : (
              <WhomToAsk permission="predictions:create" />
            )}
            <Snippets deployment={deployment} input={shownRow(signature, example)} />
          </div>
        );
      }}
    </QueryView>
  );
}
