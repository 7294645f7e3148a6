"use client";
import { TextField } from "@/components/ui/field";
import { SelectField } from "@/components/ui/select";
import type { CredentialKind } from "@/server/registry/external/constants";

/** What the server is shown, as the form holds it; only the fields of its kind are sent. */
export interface CredentialValues {
  kind: CredentialKind;
  token: string;
  username: string;
  password: string;
  name: string;
  value: string;
}

export const NO_CREDENTIAL: CredentialValues = {
  kind: "none",
  token: "",
  username: "",
  password: "",
  name: "X-Api-Key",
  value: "",
};

/** The credential as the server takes it. */
export function toCredential(values: CredentialValues) {
  const { kind, token, username, password, name, value } = values;
  if (kind === "bearer") return { kind, token };
  if (kind === "basic") return { kind, username, password };
  if (kind === "header") return { kind, name, value };
  return { kind: "none" as const };
}

const KINDS: { value: CredentialKind; label: string }[] = [
  { value: "none", label: "None" },
  { value: "bearer", label: "Bearer token" },
  { value: "basic", label: "User and password" },
  { value: "header", label: "A header of its own" },
];

/** Which credential the server wants, and what is in it. */
export function CredentialFields({
  values,
  onChange,
}: {
  values: CredentialValues;
  onChange: (values: CredentialValues) => void;
}) {
  const text = (key: Exclude<keyof CredentialValues, "kind">, hidden = false) => ({
    value: values[key],
    onChange: (next: string) => onChange({ ...values, [key]: next }),
    required: true,
    autoComplete: "off",
    ...(hidden && { type: "password", hint: "Kept sealed, never shown again." }),
  });
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <SelectField
        label="Credential"
        value={values.kind}
        onChange={(kind) => onChange({ ...values, kind })}
        options={KINDS}
        className={values.kind === "basic" || values.kind === "header" ? "sm:col-span-2" : ""}
      />
      {values.kind === "bearer" && <TextField label="Token" {...text("token", true)} />}
      {values.kind === "basic" && (
        <>
          <TextField label="User" {...text("username")} />
          <TextField label="Password" {...text("password", true)} />
        </>
      )}
      {values.kind === "header" && (
        <>
          <TextField label="Header" mono {...text("name")} />
          <TextField label="Value" {...text("value", true)} />
        </>
      )}
    </div>
  );
}
