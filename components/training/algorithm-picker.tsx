"use client";
import { Radio } from "@base-ui/react/radio";
import { RadioGroup } from "@base-ui/react/radio-group";
import { Badge } from "@/components/ui/status";
import type { Algorithm } from "@/server/training/catalog";

/** Algorithms as cards, exactly one of them chosen. */
export function AlgorithmPicker({
  algorithms,
  value,
  onChange,
}: {
  algorithms: Algorithm[];
  value: string;
  onChange: (id: string) => void;
}) {
  return (
    <RadioGroup
      aria-label="Algorithm"
      value={value}
      onValueChange={(next) => onChange(String(next))}
      className="grid gap-2 sm:grid-cols-2"
    >
      {algorithms.map((algorithm) => (
        // biome-ignore lint/a11y/noLabelWithoutControl: Base UI renders the input inside.
        <label
          key={algorithm.id}
          className="flex cursor-pointer gap-2.5 rounded-lg border p-3 text-13 hover:bg-hover has-data-checked:border-accent has-data-checked:bg-accent-soft"
        >
          <Radio.Root
            value={algorithm.id}
            className="mt-0.5 flex size-4 shrink-0 items-center justify-center rounded-full border border-fg-subtle bg-surface data-checked:border-accent data-checked:bg-accent"
          >
            <Radio.Indicator className="size-1.5 rounded-full bg-white" />
          </Radio.Root>
          <span className="min-w-0">
            <span className="flex flex-wrap items-center gap-1.5 font-medium">
              {algorithm.label} <Badge>{algorithm.framework}</Badge>
            </span>
            <span className="mt-0.5 block text-fg-muted text-xs">{algorithm.description}</span>
          </span>
        </label>
      ))}
    </RadioGroup>
  );
}
