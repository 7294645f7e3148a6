import type { Outputs } from "@/components/trpc/outputs";
import { formatMetric, formatPercent } from "@/components/ui/format";

type Reply = Outputs["predictions"]["predict"];
export type Importance = NonNullable<Reply["featureImportance"]>[number];

const total = ({ base, contributions }: Importance): number =>
  Object.values(contributions).reduce((sum, one) => sum + one, base);

/** In which quantity the contributions are, as the end of a sentence. */
export function spaceText({ space, class: name }: Importance): string {
  switch (space) {
    case "probability":
      return `in the probability of “${name}”`;
    case "log_odds":
      return `in the log-odds of “${name}”`;
    case "score":
      return `in the score of “${name}” before the softmax`;
    case "log":
      return "in the logarithm of the prediction";
    default:
      return "in the units of the prediction";
  }
}

/** What the sum stands for, where that is not what the prediction shows. */
export function answerText(importance: Importance): string {
  const sum = total(importance);
  if (importance.space === "log_odds") {
    return `: ${formatMetric(sum)} is a probability of ${formatPercent(1 / (1 + Math.exp(-sum)))}`;
  }
  if (importance.space === "log") return `: ${formatMetric(sum)} is ${formatMetric(Math.exp(sum))}`;
  return "";
}

export function methodText({ method, standardError }: Importance): string {
  if (method === "exact") return "Exact Shapley values.";
  const largest = Math.max(0, ...Object.values(standardError ?? {}));
  return `Sampled Shapley values, with standard errors up to ${formatMetric(largest)}.`;
}

export const backgroundText = ({ background }: Importance): string =>
  background === "profile"
    ? "Typical is what training saw."
    : "Typical is what the signature says, since the version has no reference profile.";
