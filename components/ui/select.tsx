"use client";
import { Combobox as BaseCombobox } from "@base-ui/react/combobox";
import { Select as Base } from "@base-ui/react/select";
import { Check, ChevronDown, ChevronsUpDown } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "./class-names";
import { Field, type FieldProps, INPUT } from "./field";

export interface Option<V extends string = string> {
  value: V;
  label: string;
  /** Quiet text to the right. */
  detail?: ReactNode;
}

const POPUP =
  "min-w-(--anchor-width) max-w-[min(28rem,var(--available-width))] origin-(--transform-origin) rounded-lg border bg-raised shadow-pop outline-none transition-[opacity,scale] duration-100 data-ending-style:scale-95 data-ending-style:opacity-0 data-starting-style:scale-95 data-starting-style:opacity-0";
const LIST = "max-h-[min(20rem,var(--available-height))] overflow-y-auto overscroll-contain p-1";
const ITEM =
  "flex min-h-8 cursor-default select-none items-center gap-2 rounded-md px-2 py-1 text-13 outline-none data-highlighted:bg-hover";

interface SelectProps<V extends string> {
  value: V | null;
  onChange: (value: V) => void;
  options: Option<V>[];
  placeholder?: string;
  disabled?: boolean;
  /** Needed when there is no visible label. */
  ariaLabel?: string;
  className?: string;
}

/** A choice of a few. For long lists take ComboboxField. */
export function Select<V extends string>(props: SelectProps<V>) {
  return (
    <Base.Root
      items={props.options}
      value={props.value}
      onValueChange={(next) => next !== null && props.onChange(next as V)}
      disabled={props.disabled}
    >
      <Base.Trigger
        aria-label={props.ariaLabel}
        className={cn(
          INPUT,
          "flex w-auto items-center justify-between gap-2 text-left hover:bg-hover",
          props.className,
        )}
      >
        <Base.Value
          className="truncate data-placeholder:text-fg-subtle"
          placeholder={props.placeholder ?? "Choose"}
        />
        <Base.Icon>
          <ChevronsUpDown aria-hidden className="size-3.5 text-fg-subtle" />
        </Base.Icon>
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner sideOffset={4} alignItemWithTrigger={false} className="z-50 outline-none">
          <Base.Popup className={POPUP}>
            <Base.List className={LIST}>
              {props.options.map((option) => (
                <Base.Item key={option.value} value={option.value} className={ITEM}>
                  <Base.ItemText className="min-w-0 flex-1 truncate">{option.label}</Base.ItemText>
                  {option.detail && <span className="text-fg-subtle text-xs">{option.detail}</span>}
                  <span className="size-4">
                    <Base.ItemIndicator>
                      <Check aria-hidden className="size-4 text-accent-text" />
                    </Base.ItemIndicator>
                  </span>
                </Base.Item>
              ))}
            </Base.List>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

export function SelectField<V extends string>({
  label,
  hint,
  error,
  optional,
  className,
  ...select
}: FieldProps & SelectProps<V>) {
  return (
    <Field {...{ label, hint, error, optional, className }}>
      <Select {...select} className="w-full" />
    </Field>
  );
}

/** A choice of many, found by typing. */
export function ComboboxField<V extends string>({
  label,
  hint,
  error,
  optional,
  className,
  value,
  onChange,
  options,
  placeholder,
  disabled,
}: FieldProps & SelectProps<V>) {
  const selected = options.find((option) => option.value === value) ?? null;
  return (
    <Field {...{ label, hint, error, optional, className }}>
      <BaseCombobox.Root
        items={options}
        value={selected}
        onValueChange={(next) => next && onChange(next.value)}
        disabled={disabled}
        limit={200}
      >
        <BaseCombobox.InputGroup className="relative">
          <BaseCombobox.Input placeholder={placeholder} className={cn(INPUT, "pr-8")} />
          <BaseCombobox.Trigger
            aria-label="Show the choices"
            className="absolute inset-y-0 right-0 flex w-8 items-center justify-center text-fg-subtle"
          >
            <ChevronDown aria-hidden className="size-3.5" />
          </BaseCombobox.Trigger>
        </BaseCombobox.InputGroup>
        <BaseCombobox.Portal>
          <BaseCombobox.Positioner sideOffset={4} className="z-50 outline-none">
            <BaseCombobox.Popup className={POPUP}>
              <BaseCombobox.Empty>
                <div className="p-3 text-13 text-fg-subtle">Nothing matches.</div>
              </BaseCombobox.Empty>
              <BaseCombobox.List className={LIST}>
                {(option: Option<V>) => (
                  <BaseCombobox.Item key={option.value} value={option} className={ITEM}>
                    <span className="min-w-0 flex-1 truncate">{option.label}</span>
                    {option.detail && (
                      <span className="text-fg-subtle text-xs">{option.detail}</span>
                    )}
                    <span className="size-4">
                      <BaseCombobox.ItemIndicator>
                        <Check aria-hidden className="size-4 text-accent-text" />
                      </BaseCombobox.ItemIndicator>
                    </span>
                  </BaseCombobox.Item>
                )}
              </BaseCombobox.List>
            </BaseCombobox.Popup>
          </BaseCombobox.Positioner>
        </BaseCombobox.Portal>
      </BaseCombobox.Root>
    </Field>
  );
}
