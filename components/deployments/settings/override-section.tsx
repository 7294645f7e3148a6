"use client";
import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { Button, IconButton } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { TextField } from "@/components/ui/field";
import { SaveBar } from "@/components/ui/save-bar";
import type { SettingsDto } from "@/server/deployments/settings/schemas";
import type { SaveSettings } from "./use-save-settings";

type Override = SettingsDto["settings"]["routing"]["overrides"][number];

const OVERRIDES_MAX = 20;

/** Whether a variant has this name or id, or nobody wrote one yet. */
const isMeant = (named: string, variants: SettingsDto["variants"]): boolean =>
  named === "" || variants.some(({ id, name }) => named === id || named === name);

/** Requests whose header has a value go to the variant it names: for testers, for one customer. */
export function OverrideSection({
  stored,
  variants,
  save,
  disabled,
}: {
  stored: Override[];
  variants: SettingsDto["variants"];
  save: SaveSettings;
  disabled: boolean;
}) {
  const [draft, setDraft] = useState<Override[]>();
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [isSaving, setSaving] = useState(false);
  const rows = draft ?? stored;
  const change = (at: number, part: Partial<Override>) =>
    setDraft(rows.map((row, index) => (index === at ? { ...row, ...part } : row)));
  const reset = () => {
    setDraft(undefined);
    setErrors({});
  };
  const submit = async () => {
    setSaving(true);
    const failed = await save(["routing"], { overrides: rows });
    setSaving(false);
    setErrors(failed ?? {});
    if (!failed) setDraft(undefined);
  };
  return (
    <Card
      title="Overrides"
      description="A request whose header has this value goes to the named variant; the first match wins."
      actions={
        <Button
          disabled={disabled || rows.length >= OVERRIDES_MAX}
          onClick={() => setDraft([...rows, { header: "", value: "", variant: "" }])}
        >
          <Plus aria-hidden className="size-3.5" />
          Add
        </Button>
      }
    >
      {rows.length === 0 && <p className="text-13 text-fg-subtle">No overrides.</p>}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <ul className="space-y-3">
          {rows.map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no id, and their order is what counts.
            <li key={at} className="grid items-start gap-2 sm:grid-cols-[1fr_1fr_1fr_auto]">
              <TextField
                label="Header"
                mono
                placeholder="x-tester"
                disabled={disabled}
                value={row.header}
                error={errors[`overrides.${at}.header`]}
                onChange={(header) => change(at, { header })}
              />
              <TextField
                label="Value"
                mono
                disabled={disabled}
                value={row.value}
                error={errors[`overrides.${at}.value`]}
                onChange={(value) => change(at, { value })}
              />
              <TextField
                label="Variant"
                mono
                placeholder="v2"
                disabled={disabled}
                value={row.variant}
                hint={isMeant(row.variant, variants) ? undefined : "No variant is called so now."}
                error={errors[`overrides.${at}.variant`]}
                onChange={(variant) => change(at, { variant })}
              />
              <IconButton
                label="Remove"
                className="sm:mt-6.5"
                disabled={disabled}
                onClick={() => setDraft(rows.filter((_, index) => index !== at))}
              >
                <Trash2 aria-hidden className="size-3.5" />
              </IconButton>
            </li>
          ))}
        </ul>
        {draft && <SaveBar onDiscard={reset} saving={isSaving} />}
      </form>
    </Card>
  );
}
