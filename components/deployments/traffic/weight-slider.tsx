"use client";
import { Slider } from "@base-ui/react/slider";

/** A share of traffic in percent; arrow keys move it by one, Page Up and Down by ten. */
export function WeightSlider({
  label,
  value,
  onChange,
  disabled,
}: {
  label: string;
  value: number;
  onChange: (value: number) => void;
  disabled: boolean;
}) {
  return (
    <Slider.Root
      value={value}
      onValueChange={(next) => onChange(Array.isArray(next) ? (next[0] ?? 0) : next)}
      min={0}
      max={100}
      step={1}
      largeStep={10}
      disabled={disabled}
      className="order-last min-w-24 flex-1 basis-full sm:order-none sm:basis-auto"
    >
      <Slider.Control className="flex h-7 w-full touch-none select-none items-center px-2">
        <Slider.Track className="h-1.5 w-full rounded-full bg-line-strong">
          <Slider.Indicator className="rounded-full bg-accent" />
          <Slider.Thumb
            aria-label={label}
            className="size-4 rounded-full border border-line-strong bg-white shadow-card has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-accent-text has-[:focus-visible]:outline-offset-2 data-disabled:opacity-60"
          />
        </Slider.Track>
      </Slider.Control>
    </Slider.Root>
  );
}
