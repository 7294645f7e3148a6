"use client";
import { useState } from "react";
import { cn } from "@/components/ui/class-names";
import { INPUT } from "@/components/ui/field";

/** A share of traffic as a number. What is being typed stays as it is typed, an empty field too. */
export function WeightInput({
  label,
  form,
  value,
  onChange,
  disabled,
}: {
  label: string;
  /** What Enter sends. */
  form: string;
  value: number;
  onChange: (value: number) => void;
  disabled: boolean;
}) {
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <input
      type="number"
      form={form}
      inputMode="numeric"
      aria-label={label}
      min={0}
      max={100}
      step={1}
      value={typed ?? value}
      disabled={disabled}
      onFocus={(event) => event.target.select()}
      onBlur={() => setTyped(null)}
      onChange={({ target }) => {
        setTyped(target.value);
        if (target.value !== "") onChange(Number(target.value));
      }}
      className={cn(INPUT, "h-7 w-16 text-right tabular-nums disabled:opacity-60")}
    />
  );
}
