"use client";
import { useState } from "react";
import { useWorkspace } from "@/components/shell/workspace";
import { toFailure } from "@/components/ui/failure";
import { TextField } from "@/components/ui/field";
import { NumberField } from "@/components/ui/number-field";
import { SelectField } from "@/components/ui/select";
import type { Permission } from "@/server/access/constants";
import { effectiveScopes, PRESET_OPTIONS, type Preset, roleFor } from "./key-presets";
import { PermissionPicker } from "./permission-picker";
import { useRoleOptions, useRoles } from "./use-role-options";

export interface KeyValues {
  name: string;
  role: string;
  scopes: Permission[] | null;
  expiresInDays: number | null;
}

const LIFETIMES = [
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "1 year" },
  { value: "days", label: "A number of days" },
  { value: "never", label: "Never expires" },
] as const;
type Lifetime = (typeof LIFETIMES)[number]["value"];

/** Roles a key may get from this person: none that is wider than they are. */
function useGivableRoles() {
  const { permissions } = useWorkspace();
  const roles = useRoles().filter((role) => role.permissions.every((one) => permissions.has(one)));
  const names = new Set(roles.map((role) => role.name));
  return { roles, options: useRoleOptions().filter((option) => names.has(option.value)) };
}

function useKeyForm() {
  const { roles, options } = useGivableRoles();
  const [name, setName] = useState("");
  const [role, setRole] = useState("viewer");
  const [preset, setPreset] = useState<Preset>("full");
  const [custom, setCustom] = useState<ReadonlySet<Permission>>(new Set());
  const [lifetime, setLifetime] = useState<Lifetime>("90");
  const [days, setDays] = useState<number | null>(14);
  const present = roles.find((one) => one.name === role);
  const choosePreset = (next: Preset) => {
    // Who chooses one by one goes on from what the preset before gave.
    if (next === "custom") setCustom(new Set(effectiveScopes(preset, custom, present) ?? []));
    setPreset(next);
    setRole(roleFor(next, role, roles));
  };
  const scopes = effectiveScopes(preset, custom, present);
  const expiresInDays = lifetime === "never" ? null : lifetime === "days" ? days : Number(lifetime);
  return {
    ...{ name, setName, role, setRole, options, preset, choosePreset, custom, setCustom },
    ...{ lifetime, setLifetime, days, setDays, present, scopes, expiresInDays },
  };
}

/** Name, scopes, role and lifetime of a key to be made. */
export function KeyForm({
  id,
  error,
  onSubmit,
}: {
  id: string;
  error: unknown;
  onSubmit: (values: KeyValues) => void;
}) {
  const form = useKeyForm();
  const failure = error ? toFailure(error) : null;
  const nothing = form.scopes?.length === 0;
  return (
    <form
      id={id}
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        const { name, role, scopes, expiresInDays } = form;
        if (!nothing) onSubmit({ name, role, scopes, expiresInDays });
      }}
    >
      <TextField
        label="Name"
        hint="What uses it, for instance “nightly retraining”."
        value={form.name}
        onChange={form.setName}
        required
        autoComplete="off"
        error={failure?.fields.name}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField
          label="Scopes"
          value={form.preset}
          onChange={form.choosePreset}
          options={PRESET_OPTIONS}
          error={nothing ? "Choose at least one scope that the role holds." : null}
        />
        <SelectField
          label="Role"
          hint="The most the key may ever do."
          value={form.role}
          onChange={form.setRole}
          options={form.options}
          error={failure?.fields.role}
        />
      </div>
      {form.preset === "custom" ? (
        <PermissionPicker
          legend="The key may"
          chosen={form.custom}
          onChange={form.setCustom}
          available={(permission) => form.present?.permissions.includes(permission) ?? false}
        />
      ) : (
        <ScopeList scopes={form.scopes ?? form.present?.permissions ?? []} />
      )}
      <Lifetimes {...form} error={failure?.fields.expiresInDays} />
      {failure && Object.keys(failure.fields).length === 0 && (
        <p role="alert" className="text-13 text-danger">
          {failure.detail}
        </p>
      )}
    </form>
  );
}

/** Scopes as they are written, so that a person can compare them with an error or a document. */
export const ScopeList = ({ scopes }: { scopes: readonly string[] }) => (
  <ul aria-label="Scopes of the key" className="flex flex-wrap gap-1">
    {scopes.map((scope) => (
      <li key={scope} className="rounded bg-muted px-1.5 py-0.5 font-mono text-2xs text-fg-muted">
        {scope}
      </li>
    ))}
  </ul>
);

function Lifetimes({
  lifetime,
  setLifetime,
  days,
  setDays,
  error,
}: Pick<ReturnType<typeof useKeyForm>, "lifetime" | "setLifetime" | "days" | "setDays"> & {
  error: string | undefined;
}) {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <SelectField
        label="Lifetime"
        value={lifetime}
        onChange={setLifetime}
        options={[...LIFETIMES]}
      />
      {lifetime === "days" && (
        <NumberField
          label="Days"
          value={days}
          onChange={setDays}
          min={1}
          max={3650}
          error={error}
        />
      )}
    </div>
  );
}
