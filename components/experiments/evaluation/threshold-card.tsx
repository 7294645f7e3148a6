"use client";
import { Card, Stat } from "@/components/ui/card";
import { formatCount, formatPercent } from "@/components/ui/format";
import { Select } from "@/components/ui/select";
import { Slider } from "@/components/ui/toggles";
import type { AtThreshold } from "./evaluation";

/** What a threshold on the score of a class would do. */
export function ThresholdCard({
  classes,
  chosen,
  onChoose,
  threshold,
  onThreshold,
  now,
}: {
  classes: string[];
  chosen: string;
  onChoose: (name: string) => void;
  threshold: number;
  onThreshold: (threshold: number) => void;
  now: AtThreshold;
}) {
  const part = (value: number | null) => (value === null ? "–" : formatPercent(value));
  return (
    <Card
      title={`Threshold for “${chosen}”`}
      actions={
        classes.length > 1 && (
          <Select
            ariaLabel="Class"
            value={chosen}
            onChange={onChoose}
            options={classes.map((name) => ({ value: name, label: name }))}
          />
        )
      }
    >
      <Slider
        label="Threshold"
        value={threshold}
        onChange={onThreshold}
        min={0}
        max={1}
        step={0.01}
        format={(value) => value.toFixed(2)}
        wide
      />
      <div className="mt-3 grid grid-cols-2 gap-3 sm:grid-cols-4">
        <Stat name="Precision" value={part(now.precision)} />
        <Stat name="Recall" value={part(now.recall)} />
        <Stat name="F1" value={part(now.f1)} />
        <Stat name="Accuracy" value={part(now.accuracy)} />
        <Stat name="True positives" value={formatCount(now.truePositive)} />
        <Stat name="False positives" value={formatCount(now.falsePositive)} />
        <Stat name="False negatives" value={formatCount(now.falseNegative)} />
        <Stat name="True negatives" value={formatCount(now.trueNegative)} />
      </div>
    </Card>
  );
}
