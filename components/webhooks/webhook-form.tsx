"use client";
import { type FormEvent, useState } from "react";
import { toFailure } from "@/components/ui/failure";
import { TextArea, TextField } from "@/components/ui/field";
import { Switch } from "@/components/ui/toggles";
import type { WebhookEvent } from "@/server/webhooks/constants";
import { EventPicker } from "./event-picker";
import { SecretChoice, useSecretChoice } from "./secret-choice";

interface Fields {
  name: string;
  description: string;
  url: string;
  events: WebhookEvent[];
  status: "active" | "disabled";
}
export type WebhookValues = Fields & { secret?: string | null };

const EMPTY: Fields = {
  name: "",
  description: "",
  url: "",
  events: ["model_version.created", "model_version.stage_changed"],
  status: "active",
};

/** Address, events and secret of a webhook; `onSubmit` also gets a secret that was made here. */
export function WebhookForm({
  id,
  webhook,
  error,
  onSubmit,
}: {
  id: string;
  webhook: (Fields & { hasSecret: boolean }) | null;
  error: unknown;
  onSubmit: (values: WebhookValues, secretToShow: string | null) => void;
}) {
  const [values, setValues] = useState<Fields>(webhook ?? EMPTY);
  const secretChoice = useSecretChoice(webhook?.hasSecret ?? null);
  const failure = error ? toFailure(error) : null;
  const nothing = values.events.length === 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (nothing) return;
    const { name, description, url, events, status } = values;
    const { secret, made } = secretChoice.take();
    const given = secret === undefined ? {} : { secret };
    onSubmit({ name, description, url, events, status, ...given }, made ? (secret ?? null) : null);
  };
  const text = (key: "name" | "description" | "url") => ({
    value: values[key],
    onChange: (next: string) => setValues({ ...values, [key]: next }),
    error: failure?.fields[key],
    autoComplete: "off",
  });
  return (
    <form id={id} className="space-y-4" onSubmit={submit}>
      <TextField
        label="Name"
        hint="What listens, for instance “release channel”."
        required
        maxLength={200}
        {...text("name")}
      />
      <TextField
        label="URL"
        hint="Starts with https:// and is on the public internet."
        placeholder="https://example.com/hooks/models"
        type="url"
        mono
        required
        maxLength={2048}
        {...text("url")}
      />
      <EventPicker
        chosen={values.events}
        onChange={(events) => setValues({ ...values, events })}
        error={nothing ? "Choose at least one event." : null}
      />
      <SecretChoice {...secretChoice} error={failure?.fields.secret} />
      <TextArea label="Description" optional rows={2} maxLength={2000} {...text("description")} />
      <Switch
        label="Active: events are sent"
        checked={values.status === "active"}
        onChange={(on) => setValues({ ...values, status: on ? "active" : "disabled" })}
      />
      {failure && Object.keys(failure.fields).length === 0 && (
        <p role="alert" className="text-13 text-danger">
          {failure.detail}
        </p>
      )}
    </form>
  );
}
