import type { Issue } from "@/server/kernel/errors";
import type { Algorithm, Hyperparameter, Task } from "../catalog";
import { suggestion } from "./near-matches";

/**
 * Checks given hyperparameters against their declaration, as the trainer will.
 * Answers what is wrong, one issue a parameter; empty when the trainer accepts them.
 */
export function checkHyperparameters(
  algorithm: Algorithm,
  task: Task,
  given: Record<string, unknown>,
): Issue[] {
  const declared = algorithm.hyperparameters.filter((one) => one.tasks.includes(task));
  const seen = new Set<string>();
  return Object.entries(given).flatMap(([name, value]) => {
    const one = declared.find((each) => each.name === name || each.aliases.includes(name));
    const message = one ? checkTwice(one, seen) || checkValue(one, value) : unknown(name);
    return message ? [{ path: `hyperparameters.${name}`, message }] : [];
  });

  function unknown(name: string): string {
    if (algorithm.hyperparameters.some((each) => each.name === name)) {
      return `does not apply to ${task}`;
    }
    if (name === "seed" || name === "random_state") return "is set as `seed` of the job";
    const names = declared.map((each) => each.name);
    return `is no hyperparameter of ${algorithm.id}. ${suggestion(name, names)}`;
  }
}

function checkTwice(one: Hyperparameter, seen: Set<string>): string | undefined {
  if (seen.has(one.name)) return `is given twice: it is another name of ${one.name}`;
  seen.add(one.name);
  return undefined;
}

function checkValue(one: Hyperparameter, value: unknown): string | undefined {
  if (value === null) return one.nullable ? undefined : "may not be null";
  if (one.type === "boolean") {
    return typeof value === "boolean" ? undefined : "must be true or false";
  }
  if (one.type === "choice") {
    const choices = one.choices ?? [];
    return choices.includes(String(value)) && typeof value === "string"
      ? undefined
      : `must be one of ${choices.join(", ")}`;
  }
  return checkNumber(one, value);
}

function checkNumber(one: Hyperparameter, value: unknown): string | undefined {
  if (typeof value !== "number" || !Number.isFinite(value)) return "must be a number";
  if (one.type === "integer" && !Number.isInteger(value)) return "must be a whole number";
  const { min = -Infinity, max = Infinity } = one;
  return value < min || value > max ? `must be between ${min} and ${max}` : undefined;
}
