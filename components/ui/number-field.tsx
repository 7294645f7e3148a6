"use client";
import { NumberField as Base } from "@base-ui/react/number-field";
import { Minus, Plus } from "lucide-react";
import { cn } from "./class-names";
import { Field, type FieldProps, INPUT } from "./field";

const STEP =
  "flex h-full w-6 items-center justify-center text-fg-subtle hover:bg-hover hover:text-fg data-disabled:opacity-40";

/** As many digits as survive a round trip through a double, without grouping, so that 10.94 + 0.2 reads 11.14. */
const EXACT: Intl.NumberFormatOptions = { maximumSignificantDigits: 15, useGrouping: false };

/** A number with steppers. `allowOutOfRange` leaves the judgement to the server. */
export function NumberField({
  label,
  hint,
  error,
  optional,
  className,
  value,
  onChange,
  min,
  max,
  step,
  placeholder,
  allowOutOfRange = false,
}: FieldProps & {
  value: number | null;
  onChange: (value: number | null) => void;
  min?: number | undefined;
  max?: number | undefined;
  step?: number | "any" | undefined;
  placeholder?: string | undefined;
  allowOutOfRange?: boolean;
}) {
  return (
    <Field {...{ label, hint, error, optional, className }}>
      <Base.Root
        value={value}
        onValueChange={onChange}
        min={min}
        max={max}
        step={step ?? "any"}
        format={EXACT}
        locale="en-US"
        allowOutOfRange={allowOutOfRange}
      >
        <Base.Group className="relative">
          <Base.Input placeholder={placeholder} className={cn(INPUT, "pr-14 tabular-nums")} />
          <div className="absolute inset-y-px right-px flex divide-x overflow-hidden rounded-r-md border-l">
            <Base.Decrement className={STEP} tabIndex={-1}>
              <Minus aria-hidden className="size-3" />
            </Base.Decrement>
            <Base.Increment className={STEP} tabIndex={-1}>
              <Plus aria-hidden className="size-3" />
            </Base.Increment>
          </div>
        </Base.Group>
      </Base.Root>
    </Field>
  );
}
