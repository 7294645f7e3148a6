"use client";
import { type ReactNode, useState } from "react";
import { flushSync } from "react-dom";
import { Card } from "@/components/ui/card";
import { SaveBar } from "@/components/ui/save-bar";
import { SettingControl } from "./setting-control";
import { patchOf, type SettingField, valueAt } from "./setting-fields";
import type { SaveSettings } from "./use-save-settings";

interface Props {
  title: string;
  description: string;
  fields: SettingField[];
  /** As stored, with defaults; `fields` point into it. */
  value: unknown;
  /** Where the section lies in a patch: `routing`, `variants.v1.batching`. */
  place: string[];
  save: SaveSettings;
  disabled: boolean;
  actions?: ReactNode;
}

/** Settings that are changed and saved together. */
export function SettingsSection(props: Props) {
  const { title, description, fields, value, place, save, disabled, actions } = props;
  const [changes, setChanges] = useState<Record<string, unknown>>({});
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [isSaving, setSaving] = useState(false);
  const [resets, setResets] = useState(0);
  const current = (path: string) => (path in changes ? changes[path] : valueAt(value, path));
  const shown = fields.filter(({ when }) => !when || current(when.path) === when.is);
  const isChanged = Object.keys(changes).length > 0;
  const reset = () => {
    setChanges({});
    setErrors({});
    setResets((count) => count + 1);
  };
  const submit = async (form: HTMLFormElement) => {
    setSaving(true);
    const failed = await save(place, patchOf(changes));
    setSaving(false);
    if (!failed) return reset();
    flushSync(() => setErrors(failed));
    form.querySelector<HTMLElement>("input[data-invalid]")?.focus();
  };
  return (
    <Card title={title} description={description} actions={actions}>
      {fields.length === 0 && <p className="text-13 text-fg-subtle">As in the section above.</p>}
      <form
        hidden={fields.length === 0}
        // What is wrong is said beside its field, by the server.
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit(event.currentTarget);
        }}
      >
        <fieldset
          disabled={disabled}
          className="grid gap-x-6 gap-y-4 sm:grid-cols-2 lg:grid-cols-3"
        >
          <legend className="sr-only">{title}</legend>
          {shown.map((field) => (
            <SettingControl
              // Controls that keep what was typed begin again with what is stored.
              key={`${field.path} ${resets} ${JSON.stringify(valueAt(value, field.path))}`}
              field={field}
              value={current(field.path)}
              error={errors[field.path]}
              onChange={(next) => setChanges((before) => ({ ...before, [field.path]: next }))}
            />
          ))}
        </fieldset>
        {isChanged && <SaveBar onDiscard={reset} saving={isSaving} />}
      </form>
    </Card>
  );
}
