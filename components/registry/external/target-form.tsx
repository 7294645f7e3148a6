"use client";
import { TextArea, TextField } from "@/components/ui/field";
import { SelectField } from "@/components/ui/select";
import {
  CredentialFields,
  type CredentialValues,
  NO_CREDENTIAL,
  toCredential,
} from "./credential-fields";

export interface TargetValues {
  url: string;
  remoteModel: string;
  remoteVersion: string;
  credential: CredentialValues;
  task: "auto" | "classification" | "regression";
  target: string;
  features: string;
  classes: string;
  /** What the server calls the output that is the label or the prediction. */
  output: string;
  label: string;
}

export const EMPTY_TARGET: TargetValues = {
  url: "",
  remoteModel: "",
  remoteVersion: "",
  credential: NO_CREDENTIAL,
  task: "auto",
  target: "",
  features: "",
  classes: "",
  output: "",
  label: "",
};

const words = (text: string) => text.split(/[\n,]/).flatMap((word) => word.trim() || []);

/** The form as the server takes it; what is empty is left to the model's metadata. */
export function toTarget(values: TargetValues) {
  const { task, output } = values;
  const [features, classes] = [words(values.features), words(values.classes)];
  const renamed = task === "classification" ? { label: output } : { prediction: output };
  return {
    url: values.url.trim(),
    remoteModel: values.remoteModel.trim(),
    remoteVersion: values.remoteVersion.trim() || null,
    credential: toCredential(values.credential),
    ...(task !== "auto" && { task }),
    ...(values.target.trim() && { target: values.target.trim() }),
    ...(features.length > 0 && { features }),
    ...(classes.length > 0 && { classes }),
    ...(output.trim() && { outputs: renamed }),
  };
}

/** Where the model is, what the server is shown, and what it does not say of its model. */
export function TargetForm({
  values,
  onChange,
}: {
  values: TargetValues;
  onChange: (values: TargetValues) => void;
}) {
  const text = (key: Exclude<keyof TargetValues, "credential" | "task">) => ({
    value: values[key],
    onChange: (next: string) => onChange({ ...values, [key]: next }),
    autoComplete: "off",
  });
  return (
    <>
      <TextField
        label="Server"
        hint="Its address, without /v2. Starts with https:// and is on the public internet."
        placeholder="https://models.example.com"
        type="url"
        mono
        required
        maxLength={2048}
        {...text("url")}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField label="Model there" required maxLength={256} {...text("remoteModel")} />
        <TextField
          label="Version there"
          optional
          hint="The server chooses when empty."
          {...text("remoteVersion")}
        />
      </div>
      <CredentialFields
        values={values.credential}
        onChange={(credential) => onChange({ ...values, credential })}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField
          label="Task"
          value={values.task}
          onChange={(task) => onChange({ ...values, task })}
          options={[
            { value: "auto", label: "As the outputs say" },
            { value: "classification", label: "Classification" },
            { value: "regression", label: "Regression" },
          ]}
        />
        <TextField
          label="Output"
          optional
          hint="What the server calls it, where not label or prediction."
          {...text("output")}
        />
      </div>
      <TextArea
        label="Columns"
        optional
        hint="One a line, input by input in the server’s order."
        mono
        {...text("features")}
      />
      {values.task === "classification" && (
        <TextField
          label="Classes"
          optional
          hint="What each label index stands for, with commas between."
          {...text("classes")}
        />
      )}
      <TextField label="Label" optional maxLength={100} {...text("label")} />
    </>
  );
}
