import type { MlflowStage } from "./constants";
import type { Stage } from "./schemas";
import { archiveStage, firstStage } from "./stage-rules";

/** What MLflow's clients see of a version in the stage `key`; None for one that is no more. */
export const toMlflowStage = (stages: readonly Stage[], key: string): MlflowStage =>
  stages.find((stage) => stage.key === key)?.mlflowStage ?? "None";

/**
 * The stage an MLflow client means by its word, which it may write in any case: the first one that
 * maps to it, the first of all for None. Undefined when the workspace has none, or for another word.
 */
export function fromMlflowStage(stages: readonly Stage[], word: string): Stage | undefined {
  switch (word.toLowerCase()) {
    case "none":
      return firstStage(stages);
    case "archived":
      return archiveStage(stages);
    case "staging":
    case "production":
      return stages.find(({ mlflowStage }) => mlflowStage.toLowerCase() === word.toLowerCase());
    default:
      return undefined;
  }
}
