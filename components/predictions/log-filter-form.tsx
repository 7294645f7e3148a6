"use client";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "@/components/trpc/client";
import { TextField } from "@/components/ui/field";
import { NumberField } from "@/components/ui/number-field";
import { SelectField } from "@/components/ui/select";
import type { useLogQuery } from "./use-log-query";

const ANY = "\0any";

const LANES = [
  { value: ANY, label: "Any" },
  { value: "rest", label: "REST" },
  { value: "v2", label: "Open Inference" },
  { value: "grpc", label: "gRPC" },
  { value: "batch", label: "Batch job" },
] as const;

const OUTCOMES = [
  { value: ANY, label: "Any" },
  { value: "known", label: "Known" },
  { value: "unknown", label: "Not known yet" },
] as const;

const CHOSEN_BY = [
  { value: ANY, label: "Anyone" },
  { value: "no", label: "The traffic split" },
  { value: "yes", label: "The caller" },
] as const;

const orNull = <V extends string>(value: V): Exclude<V, typeof ANY> | null =>
  value === ANY ? null : (value as Exclude<V, typeof ANY>);

/** The filters beyond time and status. */
export function LogFilterForm({
  query: { params, setParams },
  deployment,
}: {
  query: ReturnType<typeof useLogQuery>;
  deployment: string | undefined;
}) {
  return (
    <div className="grid gap-x-4 gap-y-3 sm:grid-cols-2 lg:grid-cols-4">
      {deployment === undefined && (
        <DeploymentField
          value={params.deployment}
          onChange={(next) => void setParams({ deployment: next, variant: null })}
        />
      )}
      <TextField
        label="Variant"
        value={params.variant ?? ""}
        onChange={(variant) => void setParams({ variant: variant || null })}
        placeholder="name or id"
      />
      <NumberField
        label="Version"
        value={params.version}
        onChange={(version) => void setParams({ version })}
        min={1}
      />
      <TextField
        label="Unit"
        value={params.unit ?? ""}
        onChange={(unit) => void setParams({ unit: unit || null })}
        placeholder="whom it was for"
      />
      <NumberField
        label="Slower than, ms"
        value={params.above}
        onChange={(above) => void setParams({ above })}
        min={0}
      />
      <TextField
        label="Feature"
        value={params.feature ?? ""}
        onChange={(feature) => void setParams({ feature: feature || null })}
        placeholder="name"
      />
      <TextField
        label="Value of the feature"
        value={params.value ?? ""}
        onChange={(value) => void setParams({ value: value || null })}
        disabled={!params.feature}
        placeholder="as it was sent"
      />
      <SelectField
        label="Came in by"
        value={params.lane ?? ANY}
        onChange={(lane) => void setParams({ lane: orNull(lane) })}
        options={[...LANES]}
      />
      <SelectField
        label="Outcome"
        value={params.outcome ?? ANY}
        onChange={(outcome) => void setParams({ outcome: orNull(outcome) })}
        options={[...OUTCOMES]}
      />
      <SelectField
        label="Variant chosen by"
        value={params.pinned ?? ANY}
        onChange={(pinned) => void setParams({ pinned: orNull(pinned) })}
        options={[...CHOSEN_BY]}
      />
    </div>
  );
}

function DeploymentField({
  value,
  onChange,
}: {
  value: string | null;
  onChange: (value: string | null) => void;
}) {
  const trpc = useTRPC();
  const { data } = useQuery(trpc.deployments.list.queryOptions({ limit: 200, sort: "name" }));
  const options = (data?.items ?? []).map(({ name }) => ({ value: name, label: name }));
  return (
    <SelectField
      label="Deployment"
      value={value ?? ANY}
      onChange={(next) => onChange(orNull(next))}
      options={[{ value: ANY, label: "All" }, ...options]}
    />
  );
}
