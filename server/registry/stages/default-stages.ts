import type { Stage } from "./schemas";

const plain = {
  description: "",
  serving: false,
  needsApproval: false,
  reviewers: { count: 1, roles: [], people: [] },
  gates: [],
  archivesPrevious: false,
  mlflowStage: "None",
  requestDays: 14,
} as const satisfies Partial<Stage>;

/**
 * What a workspace has until it makes stages of its own. None asks for approval: where one person
 * works alone, nobody could give it.
 */
export const DEFAULT_STAGES: readonly Stage[] = [
  { ...plain, key: "development", name: "Development", color: "gray" },
  { ...plain, key: "testing", name: "Testing", color: "blue" },
  { ...plain, key: "staging", name: "Staging", color: "amber", mlflowStage: "Staging" },
  {
    ...plain,
    key: "production",
    name: "Production",
    color: "green",
    serving: true,
    mlflowStage: "Production",
  },
  { ...plain, key: "archived", name: "Archived", color: "red", mlflowStage: "Archived" },
].map(
  (stage) => ({ ...stage, reviewers: { count: 1, roles: [], people: [] }, gates: [] }) as Stage,
);
