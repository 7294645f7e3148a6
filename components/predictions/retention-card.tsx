"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Card, Stat } from "@/components/ui/card";
import { toFailure } from "@/components/ui/failure";
import { formatBytes, formatCount } from "@/components/ui/format";
import { NumberField } from "@/components/ui/number-field";
import { SaveBar } from "@/components/ui/save-bar";
import { QueryView, Skeleton } from "@/components/ui/states";
import type { RetentionDto } from "@/server/predictions/retention/schemas";

/** How long the workspace keeps its prediction log. */
export function RetentionCard() {
  const trpc = useTRPC();
  const retention = useQuery(trpc.predictions.retention.queryOptions());
  return (
    <Card
      title="Prediction log"
      description="Old days leave the database for encrypted archives, which are searched like the rest. Deployments may say otherwise."
    >
      <QueryView query={retention} skeleton={<Skeleton className="h-14" />}>
        {(data) => <RetentionForm key={JSON.stringify(data)} stored={data} />}
      </QueryView>
      <Storage />
    </Card>
  );
}

/** What is kept by now, so that days can be weighed against bytes. */
function Storage() {
  const trpc = useTRPC();
  const storage = useQuery({ ...trpc.predictions.storage.queryOptions(), staleTime: 60_000 });
  return (
    <div className="mt-4 border-t pt-4">
      <QueryView query={storage} skeleton={<Skeleton className="h-14" />}>
        {({ database, archives, results }) => (
          <div className="grid grid-cols-1 gap-4 sm:grid-cols-3">
            <Stat
              name="In the database"
              value={`${database.isMore ? "over" : "about"} ${formatBytes(database.bytes)}`}
              detail={`${requestsText(database.requests, database.isMore)}${spanText(database)}`}
            />
            <Stat
              name="In archives"
              value={formatBytes(archives.bytes)}
              detail={`${requestsText(archives.requests)}${spanText(archives)}`}
            />
            <Stat
              name="Results of batch jobs"
              value={formatBytes(results.bytes)}
              detail={results.files === 1 ? "1 file" : `${formatCount(results.files)} files`}
            />
          </div>
        )}
      </QueryView>
    </div>
  );
}

function requestsText(requests: number, isMore = false): string {
  const count = `${isMore ? "over " : ""}${formatCount(requests)}`;
  return requests === 1 ? "1 request" : `${count} requests`;
}

const spanText = ({ from, to }: { from: string | null; to: string | null }): string => {
  if (from === null || to === null) return "";
  const [first, last] = [from, to].map((at) => at.slice(0, 10));
  return first === last ? `, of ${first}` : `, ${first} to ${last}`;
};

function RetentionForm({ stored }: { stored: RetentionDto }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const { can } = useWorkspace();
  const [days, setDays] = useState<RetentionDto>(stored);
  const save = useMutation(
    trpc.predictions.setRetention.mutationOptions({
      onSuccess: (saved) => {
        queryClient.setQueryData(trpc.predictions.retention.queryKey(), saved);
        toast.success("Saved");
      },
    }),
  );
  const fields = save.error ? toFailure(save.error).fields : {};
  const isChanged = JSON.stringify(days) !== JSON.stringify(stored);
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(days);
      }}
    >
      <fieldset disabled={!can("workspace:write")} className="grid gap-4 sm:grid-cols-3">
        <legend className="sr-only">Prediction log</legend>
        <NumberField
          label="Days in the database"
          hint="Where the log is fastest to search."
          error={fields.keepDays}
          value={days.keepDays}
          onChange={(keepDays) => keepDays !== null && setDays({ ...days, keepDays })}
          min={1}
          max={365}
        />
        <NumberField
          label="Days until archives go"
          hint="0 archives nothing: rows are deleted instead."
          error={fields.archiveDays}
          value={days.archiveDays}
          onChange={(archiveDays) => archiveDays !== null && setDays({ ...days, archiveDays })}
          min={0}
          max={36_500}
        />
        <NumberField
          label="Days of batch results"
          hint="0 keeps results of batch jobs until somebody deletes them."
          error={fields.resultDays}
          value={days.resultDays}
          onChange={(resultDays) => resultDays !== null && setDays({ ...days, resultDays })}
          min={0}
          max={36_500}
        />
      </fieldset>
      {isChanged && <SaveBar onDiscard={() => setDays(stored)} saving={save.isPending} />}
    </form>
  );
}
