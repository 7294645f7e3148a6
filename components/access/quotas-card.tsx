"use client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { Allowed } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Card, Facts } from "@/components/ui/card";
import { toastFailure } from "@/components/ui/failure";
import { formatBytes, formatCount } from "@/components/ui/format";
import { NumberField } from "@/components/ui/number-field";

interface Quotas {
  modelsMax: number | null;
  storageBytesMax: number | null;
  concurrentTrainingMax: number | null;
  requestsPerSecondMax: number | null;
}

interface Props {
  quotas: Quotas;
  usage: { models: number; storageBytes: number; runningTraining: number };
}

const GIBIBYTE = 1024 ** 3;

const of = (used: string, most: string | null) => (most === null ? used : `${used} of ${most}`);
const count = (most: number | null) => (most === null ? null : formatCount(most));

/** What the workspace uses beside what it may use; administrators change the latter. */
export function QuotasCard({ quotas, usage }: Props) {
  const { storageBytesMax: bytes, requestsPerSecondMax: requests } = quotas;
  return (
    <Card title="Usage and quotas">
      <Facts
        items={[
          { name: "Models", value: of(formatCount(usage.models), count(quotas.modelsMax)) },
          {
            name: "Storage",
            value: of(formatBytes(usage.storageBytes), bytes === null ? null : formatBytes(bytes)),
          },
          {
            name: "Trainings running",
            value: of(formatCount(usage.runningTraining), count(quotas.concurrentTrainingMax)),
          },
          { name: "Requests per second", value: requests === null ? "no quota" : count(requests) },
        ]}
      />
      <Allowed permission="workspace:write">
        <QuotaForm key={JSON.stringify(quotas)} quotas={quotas} />
      </Allowed>
    </Card>
  );
}

function QuotaForm({ quotas }: { quotas: Quotas }) {
  const trpc = useTRPC();
  const [values, setValues] = useState(quotas);
  const save = useMutation(
    trpc.access.setQuotas.mutationOptions({
      onError: toastFailure,
      onSuccess: () => toast.success("The quotas are saved"),
    }),
  );
  const field = (key: keyof Quotas, label: string, unit = 1) => (
    <NumberField
      label={label}
      optional
      min={0}
      value={values[key] === null ? null : values[key] / unit}
      onChange={(next) =>
        setValues({ ...values, [key]: next === null ? null : Math.round(next * unit) })
      }
      placeholder="no limit"
    />
  );
  return (
    <form
      className="mt-4 space-y-4 border-t pt-4"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(values);
      }}
    >
      <div className="grid gap-4 sm:grid-cols-2">
        {field("modelsMax", "Models")}
        {field("storageBytesMax", "Storage, GiB", GIBIBYTE)}
        {field("concurrentTrainingMax", "Trainings at a time")}
        {field("requestsPerSecondMax", "Requests per second")}
      </div>
      <Button type="submit" loading={save.isPending}>
        Save quotas
      </Button>
    </form>
  );
}
