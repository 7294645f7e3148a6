"use client";
import { type ReactNode, useId } from "react";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { toFailure } from "./failure";
import { TextArea, TextField } from "./field";

/** A dialog that is one form: Cancel, a button that sends it, and what went wrong. */
export function FormDialog({
  open,
  onOpenChange,
  title,
  description,
  width = "sm",
  submitLabel,
  tone = "primary",
  pending,
  disabled,
  problem,
  onSubmit,
  children,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  width?: "sm" | "md" | "lg";
  submitLabel: string;
  tone?: "primary" | "danger";
  pending?: boolean;
  disabled?: boolean;
  /** What no field of the form can show. */
  problem?: string | null | undefined;
  onSubmit: () => void;
  children: ReactNode;
}) {
  const form = useId();
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={title}
      description={description}
      width={width}
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button
            type="submit"
            form={form}
            variant={tone}
            loading={pending ?? false}
            disabled={disabled ?? false}
          >
            {submitLabel}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (!disabled) onSubmit();
        }}
      >
        {children}
        {problem && (
          <p role="alert" className="rounded-lg bg-danger-soft p-3 text-13 text-danger">
            {problem}
          </p>
        )}
      </form>
    </Dialog>
  );
}

/** The name of a thing, with what is wrong with it. */
export const NameField = ({
  value,
  onChange,
  error,
}: {
  value: string;
  onChange: (name: string) => void;
  error?: string | null | undefined;
}) => (
  <TextField
    label="Name"
    value={value}
    onChange={onChange}
    required
    autoComplete="off"
    error={error}
  />
);

export const DescriptionField = ({
  value,
  onChange,
}: {
  value: string;
  onChange: (description: string) => void;
}) => <TextArea label="Description" optional value={value} onChange={onChange} />;

/** Splits an error of a form with a name: a wrong or taken name belongs to its field. */
export function nameProblems(error: unknown): { name?: string; form?: string } {
  if (!error) return {};
  const failure = toFailure(error);
  const name = failure.fields.name ?? (failure.code === "conflict" ? failure.detail : undefined);
  return name === undefined ? { form: failure.detail } : { name };
}
