"use client";
import { useQuery } from "@tanstack/react-query";
import { PlugZap } from "lucide-react";
import { useQueryStates } from "nuqs";
import { deploymentSearchParams } from "@/app/(workspace)/[workspace]/deployments/search-params";
import { useWorkspace, WhomToAsk } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { EmptyState, QueryView, Skeleton } from "@/components/ui/states";
import type { DeploymentDetailDto } from "@/server/deployments/schemas";
import { exampleRow, shownRow } from "./feature-values";
import { Playground } from "./playground";
import { isRequestId } from "./request-id";
import { Snippets } from "./snippets";

/** A place to try the endpoint: the form follows the signature of the version that answers. */
export function PlaygroundTab({ deployment }: { deployment: DeploymentDetailDto }) {
  const trpc = useTRPC();
  const { can } = useWorkspace();
  const [{ replay }] = useQueryStates(deploymentSearchParams);
  const active = deployment.activeVersion;
  const logged = useQuery({
    ...trpc.predictions.get.queryOptions({ requestId: replay ?? "" }),
    enabled: isRequestId(replay ?? ""),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
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
        if (logged.isLoading) return <Skeleton className="h-96" />;
        const rows = logged.data?.inputs;
        return (
          <div className="space-y-4">
            {can("predictions:create") ? (
              <Playground
                key={`${id} ${logged.data?.requestId}`}
                replayed={Array.isArray(rows) ? rows : undefined}
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
