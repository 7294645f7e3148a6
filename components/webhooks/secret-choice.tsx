"use client";
import { useState } from "react";
import { TextField } from "@/components/ui/field";
import { SelectField } from "@/components/ui/select";

type Choice = "keep" | "make" | "own" | "none";

/** A new secret in the form of Standard Webhooks: 192 random bits. */
function makeSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return `whsec_${btoa(String.fromCharCode(...bytes))}`;
}

/** What becomes of the secret; a webhook that has one keeps it unless told otherwise. */
export function useSecretChoice(hasSecret: boolean | null) {
  const [choice, setChoice] = useState<Choice>(
    hasSecret === null ? "make" : hasSecret ? "keep" : "none",
  );
  const [own, setOwn] = useState("");
  return {
    ...{ choice, setChoice, own, setOwn, hasSecret: hasSecret === true },
    /** undefined leaves it as it is; `made` ones must be shown, for nobody knows them yet. */
    take: (): { secret: string | null | undefined; made: boolean } => {
      if (choice === "make") return { secret: makeSecret(), made: true };
      if (choice === "own") return { secret: own, made: false };
      return { secret: choice === "none" ? null : undefined, made: false };
    },
  };
}

/** The field of the signing secret. */
export function SecretChoice({
  choice,
  setChoice,
  own,
  setOwn,
  hasSecret,
  error,
}: Omit<ReturnType<typeof useSecretChoice>, "take"> & { error: string | undefined }) {
  const options = [
    ...(hasSecret ? [{ value: "keep" as const, label: "Keep the one there is" }] : []),
    { value: "make" as const, label: hasSecret ? "Make a new one" : "Make one" },
    { value: "own" as const, label: "Use one of mine" },
    { value: "none" as const, label: "None: do not sign" },
  ];
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <SelectField
        label="Signing secret"
        hint={choice === "make" ? "It is shown once, after saving." : undefined}
        value={choice}
        onChange={setChoice}
        options={options}
      />
      {choice === "own" && (
        <TextField
          label="Your secret"
          type="password"
          hint="It is not shown again."
          value={own}
          onChange={setOwn}
          required
          maxLength={500}
          autoComplete="off"
          error={error}
        />
      )}
    </div>
  );
}
