"use client";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { toFailure } from "@/components/ui/failure";
import { TextArea, TextField } from "@/components/ui/field";
import { SelectField } from "@/components/ui/select";
import { Switch } from "@/components/ui/toggles";
import { ID_TOKEN_ALGORITHMS } from "@/server/access/constants";
import { groupRolesText, parseGroupRoles } from "./group-roles-text";

type Algorithm = (typeof ID_TOKEN_ALGORITHMS)[number];

export interface Provider {
  id: string;
  name: string;
  issuer: string;
  clientId: string;
  algorithm: Algorithm;
  scopes: string;
  groupClaim: string;
  groupRoles: { group: string; role: string }[];
  enabled: boolean;
  hasClientSecret: boolean;
  callbackPath: string;
}

const FORM = "provider";
const EMPTY = {
  name: "",
  issuer: "",
  clientId: "",
  algorithm: "RS256" as Algorithm,
  scopes: "openid email profile",
  groupClaim: "groups",
  groupRoles: "",
  enabled: true,
};

/** Adds a provider, or changes one. A new issuer needs its own client secret. */
export function ProviderDialog({
  provider,
  onClose,
}: {
  provider: Provider | null;
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const [values, setValues] = useState(
    provider ? { ...EMPTY, ...provider, groupRoles: groupRolesText(provider.groupRoles) } : EMPTY,
  );
  const [secret, setSecret] = useState("");
  const create = useMutation(
    trpc.access.createOidcProvider.mutationOptions({ onSuccess: onClose }),
  );
  const update = useMutation(
    trpc.access.updateOidcProvider.mutationOptions({ onSuccess: onClose }),
  );
  const active = provider ? update : create;
  const failure = active.error ? toFailure(active.error) : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { name, issuer, clientId, algorithm, scopes, groupClaim, enabled } = values;
    const groupRoles = parseGroupRoles(values.groupRoles);
    const fields = { name, issuer, clientId, algorithm, scopes, groupClaim, enabled, groupRoles };
    const given = secret ? { clientSecret: secret } : {};
    if (provider) update.mutate({ id: provider.id, ...fields, ...given });
    else create.mutate({ ...fields, ...given });
  };
  const text = (key: "name" | "issuer" | "clientId" | "scopes" | "groupClaim") => ({
    value: values[key],
    onChange: (next: string) => setValues({ ...values, [key]: next }),
    error: failure?.fields[key],
    required: true,
    autoComplete: "off",
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={provider ? `Edit ${provider.name}` : "Add a sign-in provider"}
      description="Any OpenID Connect provider: Okta, Entra ID, Google, Keycloak and others."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={FORM} variant="primary" loading={active.isPending}>
            {provider ? "Save" : "Add"}
          </Button>
        </>
      }
    >
      <form id={FORM} className="space-y-4" onSubmit={submit}>
        <TextField label="Name" hint="Shown on the button." {...text("name")} />
        <TextField label="Issuer" hint="Exactly as it writes it itself." mono {...text("issuer")} />
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField label="Client ID" mono {...text("clientId")} />
          <TextField
            label="Client secret"
            type="password"
            optional
            value={secret}
            onChange={setSecret}
            autoComplete="off"
            hint={provider?.hasClientSecret ? "Empty keeps the one there is." : "None: PKCE alone."}
            error={failure?.fields.clientSecret}
          />
          <TextField label="Scopes" mono {...text("scopes")} />
          <SelectField
            label="ID token signature"
            value={values.algorithm}
            onChange={(algorithm) => setValues({ ...values, algorithm })}
            options={ID_TOKEN_ALGORITHMS.map((value) => ({ value, label: value }))}
          />
        </div>
        <TextField label="Claim with the groups" mono {...text("groupClaim")} />
        <TextArea
          label="Groups and roles"
          optional
          mono
          rows={4}
          value={values.groupRoles}
          onChange={(groupRoles) => setValues({ ...values, groupRoles })}
          placeholder={"ml-team = ml_engineer\neverybody = viewer"}
          hint="One a line, the first that fits decides. Who is in none gets in nowhere."
          error={failure?.fields.groupRoles}
        />
        <Switch
          label="Offer it on the sign-in page"
          checked={values.enabled}
          onChange={(enabled) => setValues({ ...values, enabled })}
        />
        {failure && (
          <p role="alert" className="text-13 text-danger">
            {failure.detail}
          </p>
        )}
      </form>
    </Dialog>
  );
}
