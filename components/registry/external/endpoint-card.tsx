"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { toast } from "sonner";
import { Allowed } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Card, Facts } from "@/components/ui/card";
import { Dialog } from "@/components/ui/dialog";
import { toastFailure, toFailure } from "@/components/ui/failure";
import { QueryView, Skeleton } from "@/components/ui/states";
import { Status } from "@/components/ui/status";
import { RelativeTime } from "@/components/ui/time";
import type { ExternalDto } from "@/server/registry/external/schemas";
import { CheckResult, checkStatus } from "./check-result";
import { CredentialFields, NO_CREDENTIAL, toCredential } from "./credential-fields";

interface VersionRef {
  model: string;
  version: string;
}

const CREDENTIALS = {
  none: "none",
  bearer: "bearer token",
  basic: "user and password",
  header: "header",
} satisfies Record<ExternalDto["credential"], string>;

/** Where a version runs elsewhere, and whether it did when it was last asked. */
export function EndpointCard(ref: VersionRef) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const external = useQuery(trpc.registry.getExternal.queryOptions(ref));
  const check = useMutation(
    trpc.registry.checkExternal.mutationOptions({
      onError: toastFailure,
      onSuccess: (data) => queryClient.setQueryData(trpc.registry.getExternal.queryKey(ref), data),
    }),
  );
  const [changing, setChanging] = useState(false);
  return (
    <Card
      title="Endpoint"
      actions={
        <>
          {external.data && <Status {...checkStatus(external.data.lastCheck)} />}
          <Allowed permission="models:write">
            <Button size="sm" loading={check.isPending} onClick={() => check.mutate(ref)}>
              Check now
            </Button>
          </Allowed>
        </>
      }
    >
      <QueryView query={external} skeleton={<Skeleton className="h-32" />}>
        {(data) => (
          <div className="space-y-3">
            <EndpointFacts external={data} />
            <div aria-live="polite">
              <CheckResult check={data.lastCheck} />
            </div>
            <Allowed permission="models:write">
              <Button size="sm" onClick={() => setChanging(true)}>
                Change the credential
              </Button>
            </Allowed>
          </div>
        )}
      </QueryView>
      {changing && <CredentialDialog {...ref} onClose={() => setChanging(false)} />}
    </Card>
  );
}

function EndpointFacts({ external }: { external: ExternalDto }) {
  const renamed = Object.entries(external.outputs);
  return (
    <Facts
      items={[
        {
          name: "Server",
          value: <code className="break-all font-mono text-xs">{external.url}</code>,
        },
        {
          name: "Model there",
          value: `${external.remoteModel}${external.remoteVersion ? `, version ${external.remoteVersion}` : ""}`,
        },
        { name: "Tensors", value: external.binaryTensors ? "binary" : "JSON" },
        {
          name: "Credential",
          value: `${CREDENTIALS[external.credential]}${external.headerName ? ` ${external.headerName}` : ""}`,
        },
        ...(renamed.length > 0
          ? [
              {
                name: "Outputs",
                value: renamed.map(([our, their]) => `${their} is ${our}`).join(", "),
              },
            ]
          : []),
        { name: "Checked", value: <RelativeTime at={external.checkedAt} /> },
      ]}
    />
  );
}

const FORM = "endpoint-credential";

function CredentialDialog({ onClose, ...ref }: VersionRef & { onClose: () => void }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [values, setValues] = useState({
    ...NO_CREDENTIAL,
    kind: "bearer" as const,
  } as typeof NO_CREDENTIAL);
  const change = useMutation(
    trpc.registry.changeExternalCredential.mutationOptions({
      onSuccess: (data) => {
        queryClient.setQueryData(trpc.registry.getExternal.queryKey(ref), data);
        toast.success("The credential is changed");
        onClose();
      },
    }),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ ...ref, credential: toCredential(values) });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Change the credential"
      description="Deployments use it within ten seconds."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={FORM} variant="primary" loading={change.isPending}>
            Save
          </Button>
        </>
      }
    >
      <form id={FORM} className="space-y-4" onSubmit={submit}>
        <CredentialFields values={values} onChange={setValues} />
        {change.error && (
          <p role="alert" className="text-13 text-danger">
            {toFailure(change.error).detail}
          </p>
        )}
      </form>
    </Dialog>
  );
}
