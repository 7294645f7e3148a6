import type { Issue } from "@/server/kernel/errors";
import { STAGES_MAX } from "./constants";
import type { Stage } from "./schemas";

/** The stage that versions are born in. */
export const firstStage = (stages: readonly Stage[]): Stage | undefined => stages[0];

/** Where replaced versions go: the first stage that MLflow's clients see as Archived. */
export const archiveStage = (stages: readonly Stage[]): Stage | undefined =>
  stages.find(({ mlflowStage }) => mlflowStage === "Archived");

/** What is wrong with a workspace's stages as a whole; empty when they can be kept. Pure. */
export function stageIssues(stages: readonly Stage[]): Issue[] {
  const issues: Issue[] = [];
  const say = (path: string, message: string) => issues.push({ path, message });
  if (stages.length === 0) say("", "a workspace needs a stage");
  if (stages.length > STAGES_MAX) say("", `a workspace has ${STAGES_MAX} stages at most`);
  const names = new Set(stages.map(({ name }) => name.toLowerCase()));
  if (names.size < stages.length) say("name", "is taken by another stage");
  const first = firstStage(stages);
  if (first && (first.needsApproval || first.gates.length > 0 || first.serving)) {
    say("", `versions are born in ${first.name}: it may not serve, ask for approval or have gates`);
  }
  const archive = archiveStage(stages);
  for (const stage of stages) {
    if (stage.archivesPrevious && (!archive || archive.key === stage.key)) {
      say("archivesPrevious", `${stage.name} needs another stage that MLflow sees as Archived`);
    }
    for (const gate of stage.gates) {
      if (gate.type !== "metric" || gate.against.kind !== "stage") continue;
      const { stage: named } = gate.against;
      if (!stages.some(({ key }) => key === named)) {
        say("gates", `a gate of ${stage.name} names the stage ${named}, which does not exist`);
      }
    }
  }
  return issues;
}
