"use client";
import { useState } from "react";
import { TextArea } from "@/components/ui/field";
import { NumberField } from "@/components/ui/number-field";
import { SelectField } from "@/components/ui/select";
import { Switch } from "@/components/ui/toggles";
import { REPLICAS_MAX, STRATEGIES, type Strategy } from "@/server/deployments/constants";
import { type PlanInput, planInput, planOf } from "@/server/deployments/roll-outs/plan";
import { RollOutSteps } from "./roll-out/roll-out-steps";
import { STRATEGY_TEXTS } from "./strategies";

/** How a version shall be rolled out, as the dialog holds it. */
export interface StrategyChoice {
  strategy: Strategy;
  /** Of each step; null takes the strategy's own. */
  bakeMinutes: number | null;
  isManual: boolean;
  isAnalysed: boolean;
  /** By outcomes that are told of its predictions, too. */
  judgesOutcomes: boolean;
  /** Of a rolling one: replicas beyond those there are, and missing ones, while they change. */
  maxSurge: number;
  maxUnavailable: number;
  comment: string;
}

/** A canary where people depend on it, all at once elsewhere. */
export function useStrategyChoice(isProduction: boolean) {
  const [choice, setChoice] = useState<Partial<StrategyChoice>>({});
  const strategy = choice.strategy ?? (isProduction ? "canary" : "direct");
  const whole: StrategyChoice = {
    bakeMinutes: null,
    isManual: strategy === "shadow",
    isAnalysed: true,
    judgesOutcomes: true,
    maxSurge: 1,
    maxUnavailable: 0,
    comment: "",
    ...choice,
    strategy,
  };
  return [whole, (next: Partial<StrategyChoice>) => setChoice({ ...choice, ...next })] as const;
}

/** The choice in the words of the deploy call. */
export function planFrom({
  strategy,
  bakeMinutes,
  isManual,
  isAnalysed,
  judgesOutcomes,
  maxSurge,
  maxUnavailable,
}: StrategyChoice): PlanInput {
  if (strategy === "direct") return {};
  const isSaid = maxSurge !== 1 || maxUnavailable !== 0;
  const movesReplicas = strategy === "rolling" && isSaid && maxSurge + maxUnavailable > 0;
  return {
    ...(movesReplicas ? { replicas: { maxSurge, maxUnavailable } } : {}),
    ...(bakeMinutes === null ? {} : { bakeSeconds: Math.round(bakeMinutes * 60) }),
    promotion: isManual ? "manual" : "automatic",
    analysis: { isEnabled: isAnalysed, judgesOutcomes },
  };
}

/** Strategy, its bake time and what ends it, with the plan that follows from them. */
export function StrategyFields({
  choice,
  onChange,
  replicas,
}: {
  choice: StrategyChoice;
  onChange: (next: Partial<StrategyChoice>) => void;
  replicas: number;
}) {
  const { strategy } = choice;
  const plan = planOf(strategy, planInput.parse(planFrom(choice)), replicas);
  return (
    <>
      <SelectField
        label="Strategy"
        value={strategy}
        onChange={(next) => onChange({ strategy: next })}
        hint={STRATEGY_TEXTS[strategy].detail}
        options={STRATEGIES.map((value) => ({ value, label: STRATEGY_TEXTS[value].label }))}
      />
      {strategy !== "direct" && (
        <>
          <RollOutSteps strategy={strategy} steps={plan.steps} />
          <NumberField
            label="Minutes a step bakes"
            value={choice.bakeMinutes ?? (plan.steps[0]?.bakeSeconds ?? 0) / 60}
            onChange={(bakeMinutes) => onChange({ bakeMinutes })}
            min={0}
            max={20_160}
            step={1}
          />
          {strategy === "rolling" && <ReplicaFields choice={choice} onChange={onChange} />}
          <div className="flex flex-col gap-2">
            <Switch
              checked={choice.isAnalysed}
              onChange={(isAnalysed) => onChange({ isAnalysed })}
              label="Take it back by itself when it is found worse"
            />
            {choice.isAnalysed && strategy !== "shadow" && (
              <Switch
                checked={choice.judgesOutcomes}
                onChange={(judgesOutcomes) => onChange({ judgesOutcomes })}
                label="Judge it by outcomes told meanwhile, too"
              />
            )}
            <Switch
              checked={!choice.isManual}
              onChange={(isAutomatic) => onChange({ isManual: !isAutomatic })}
              label="Give it all traffic by itself when every step passed"
            />
          </div>
        </>
      )}
      <TextArea
        label="Why"
        optional
        rows={2}
        value={choice.comment}
        onChange={(comment) => onChange({ comment })}
        maxLength={1000}
      />
    </>
  );
}

/** How many replicas change at once; of some use where nodes are started and ended by themselves. */
function ReplicaFields({
  choice,
  onChange,
}: {
  choice: StrategyChoice;
  onChange: (next: Partial<StrategyChoice>) => void;
}) {
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <NumberField
        label="Replicas more meanwhile"
        hint="Beyond those there are."
        value={choice.maxSurge}
        onChange={(next) => onChange({ maxSurge: next ?? 1 })}
        min={choice.maxUnavailable > 0 ? 0 : 1}
        max={REPLICAS_MAX}
        step={1}
      />
      <NumberField
        label="Replicas missing meanwhile"
        hint="0: none goes before its successor is there."
        value={choice.maxUnavailable}
        onChange={(next) => onChange({ maxUnavailable: next ?? 0 })}
        min={0}
        max={REPLICAS_MAX}
        step={1}
      />
    </div>
  );
}
