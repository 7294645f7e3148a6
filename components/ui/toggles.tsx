"use client";
import { Checkbox as BaseCheckbox } from "@base-ui/react/checkbox";
import { Slider as BaseSlider } from "@base-ui/react/slider";
import { Switch as BaseSwitch } from "@base-ui/react/switch";
import { Toggle } from "@base-ui/react/toggle";
import { ToggleGroup } from "@base-ui/react/toggle-group";
import { Check, Minus } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "./class-names";

/** On or off, at once. The label is part of the target. */
export function Switch({
  checked,
  onChange,
  label,
  className,
}: {
  checked: boolean;
  onChange: (checked: boolean) => void;
  label: ReactNode;
  className?: string;
}) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: Base UI renders the input inside.
    <label className={cn("inline-flex min-h-6 items-center gap-2 text-13", className)}>
      <BaseSwitch.Root
        checked={checked}
        onCheckedChange={onChange}
        className="flex h-4.5 w-8 shrink-0 rounded-full bg-line-strong p-0.5 transition-colors data-checked:bg-accent"
      >
        <BaseSwitch.Thumb className="size-3.5 rounded-full bg-white shadow-sm transition-[translate] data-checked:translate-x-3.5" />
      </BaseSwitch.Root>
      {label}
    </label>
  );
}

/** A checkbox named by `label`, which is shown unless `hideLabel`. */
export function Checkbox({
  checked,
  indeterminate,
  onChange,
  label,
  hideLabel,
  disabled,
}: {
  checked: boolean;
  indeterminate?: boolean;
  onChange: (checked: boolean) => void;
  label: string;
  hideLabel?: boolean;
  disabled?: boolean;
}) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: Base UI renders the input inside.
    <label className="inline-flex min-h-6 min-w-6 items-center justify-center gap-2 text-13">
      <BaseCheckbox.Root
        checked={checked}
        indeterminate={indeterminate}
        onCheckedChange={onChange}
        disabled={disabled}
        aria-label={hideLabel ? label : undefined}
        className="flex size-4 shrink-0 items-center justify-center rounded border border-fg-subtle bg-surface data-checked:border-accent data-checked:bg-accent data-indeterminate:border-accent data-indeterminate:bg-accent data-disabled:opacity-40"
      >
        <BaseCheckbox.Indicator className="text-white">
          {indeterminate ? (
            <Minus aria-hidden className="size-3" strokeWidth={3} />
          ) : (
            <Check aria-hidden className="size-3" strokeWidth={3} />
          )}
        </BaseCheckbox.Indicator>
      </BaseCheckbox.Root>
      {!hideLabel && label}
    </label>
  );
}

/** A few choices side by side, exactly one of them on. */
export function Segmented<V extends string>({
  label,
  value,
  onChange,
  choices,
}: {
  label: string;
  value: V;
  onChange: (value: V) => void;
  choices: { value: V; label: ReactNode; ariaLabel?: string }[];
}) {
  return (
    <ToggleGroup
      aria-label={label}
      value={[value]}
      onValueChange={(next) => next[0] && onChange(next[0] as V)}
      className="inline-flex h-8 shrink-0 items-center gap-0.5 rounded-md border bg-muted p-0.5"
    >
      {choices.map((choice) => (
        <Toggle
          key={choice.value}
          value={choice.value}
          aria-label={choice.ariaLabel}
          className="inline-flex h-full min-w-7 items-center justify-center gap-1.5 rounded px-2 font-medium text-fg-muted text-xs hover:text-fg data-pressed:bg-raised data-pressed:text-fg data-pressed:shadow-card dark:data-pressed:bg-line-strong"
        >
          {choice.label}
        </Toggle>
      ))}
    </ToggleGroup>
  );
}

/** A number on a short scale; arrow keys move it, too. */
export function Slider({
  label,
  value,
  onChange,
  min,
  max,
  step,
  format,
  wide,
}: {
  label: string;
  value: number;
  onChange: (value: number) => void;
  min: number;
  max: number;
  step: number;
  format?: (value: number) => string;
  /** As wide as what it stands in. */
  wide?: boolean;
}) {
  return (
    <div className="flex items-center gap-2 text-fg-muted text-xs">
      <span>{label}</span>
      <BaseSlider.Root
        value={value}
        onValueChange={(next) => onChange(Array.isArray(next) ? (next[0] ?? min) : next)}
        min={min}
        max={max}
        step={step}
        className={cn(wide && "flex-1")}
      >
        <BaseSlider.Control
          className={cn(
            "flex h-6 touch-none select-none items-center px-2",
            wide ? "w-full" : "w-28",
          )}
        >
          <BaseSlider.Track className="h-1 w-full rounded-full bg-line-strong">
            <BaseSlider.Indicator className="rounded-full bg-accent" />
            <BaseSlider.Thumb
              aria-label={label}
              className="size-4 rounded-full border border-line-strong bg-white shadow-card has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-accent-text has-[:focus-visible]:outline-offset-2"
            />
          </BaseSlider.Track>
        </BaseSlider.Control>
      </BaseSlider.Root>
      <span className="w-8 text-fg tabular-nums">{format ? format(value) : value}</span>
    </div>
  );
}
