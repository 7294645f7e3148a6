"use client";
import { Field as Base } from "@base-ui/react/field";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "./class-names";

export const INPUT =
  "h-8 w-full min-w-0 rounded-md border border-line-strong bg-surface px-2.5 text-13 text-fg shadow-card placeholder:text-fg-subtle focus-visible:border-accent focus-visible:outline-2 focus-visible:outline-accent-text focus-visible:-outline-offset-1 disabled:opacity-60 data-invalid:border-danger-dot any-pointer-coarse:text-base";

export interface FieldProps {
  label: ReactNode;
  /** One line under the control. */
  hint?: ReactNode;
  /** What is wrong; replaces the hint. */
  error?: string | null | undefined;
  optional?: boolean;
  className?: string;
}

/** Label, control, hint and error, tied together for assistive technology. */
export function Field({
  label,
  hint,
  error,
  optional,
  className,
  children,
}: FieldProps & { children: ReactNode }) {
  return (
    <Base.Root invalid={Boolean(error)} className={cn("flex min-w-0 flex-col gap-1.5", className)}>
      <Base.Label className="wrap-anywhere flex items-baseline gap-1.5 font-medium text-13 text-fg">
        {label}
        {optional && <span className="font-normal text-fg-subtle text-xs">optional</span>}
      </Base.Label>
      {children}
      {error ? (
        <Base.Error match className="text-danger text-xs">
          {error}
        </Base.Error>
      ) : (
        hint && <Base.Description className="text-fg-subtle text-xs">{hint}</Base.Description>
      )}
    </Base.Root>
  );
}

type ControlProps = Omit<ComponentProps<typeof Base.Control>, "className" | "onChange"> & {
  onChange?: (value: string) => void;
  mono?: boolean;
};

/** A one-line text field. */
export function TextField({
  label,
  hint,
  error,
  optional,
  className,
  onChange,
  mono,
  ...props
}: FieldProps & ControlProps) {
  return (
    <Field {...{ label, hint, error, optional, className }}>
      <Base.Control
        {...props}
        onValueChange={onChange}
        className={cn(INPUT, mono && "font-mono text-xs")}
      />
    </Field>
  );
}

/** A text field of several lines. */
export function TextArea({
  label,
  hint,
  error,
  optional,
  className,
  onChange,
  mono,
  rows = 3,
  ...props
}: FieldProps & ControlProps & { rows?: number }) {
  return (
    <Field {...{ label, hint, error, optional, className }}>
      <Base.Control
        {...props}
        onValueChange={onChange}
        render={<textarea rows={rows} />}
        className={cn(INPUT, "h-auto py-2 leading-relaxed", mono && "font-mono text-xs")}
      />
    </Field>
  );
}
