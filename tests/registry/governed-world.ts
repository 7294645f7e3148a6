import { randomUUID } from "node:crypto";
import type { Context } from "@/server/kernel/context";
import { createModel, registerVersion } from "@/server/registry";
import { updateStage } from "@/server/registry/stages/update-stage";
import { memberContext } from "../access/people";
import type { TestWorkspace, TestWorld } from "../support/workspace";
import { type VersionInput, versionInput } from "./version-input";

type StageChanges = Omit<Parameters<typeof updateStage>[1], "stage">;

/** A workspace whose production asks for approval, and its people. */
export interface GovernedWorkspace extends TestWorkspace {
  asker: Context & { userId: string };
  reviewer: Context & { userId: string };
  other: Context & { userId: string };
  /** Changes production. */
  production(changes: StageChanges): Promise<unknown>;
  /** A model with one version, registered by background work unless somebody is named. */
  version(
    changes?: Partial<VersionInput>,
    by?: Context,
  ): Promise<{ model: string; version: string; id: string }>;
}

export async function governedWorkspace(
  world: TestWorld,
  changes: StageChanges = {},
): Promise<GovernedWorkspace> {
  const w = await world.workspace();
  const production = (more: StageChanges) =>
    updateStage(w.as("admin"), { stage: "production", ...more });
  await production({ needsApproval: true, ...changes });
  return {
    ...w,
    production,
    asker: await memberContext(world, w, "data_scientist", "Ada"),
    reviewer: await memberContext(world, w, "ml_engineer", "Grace"),
    other: await memberContext(world, w, "operator", "Edsger"),
    version: async (more = {}, by = w.job()) => {
      const model = await createModel(w.as("admin"), {
        name: `m-${randomUUID().slice(0, 8)}`,
        type: "classification",
        framework: "scikit-learn",
      });
      const { id, number } = await registerVersion(by, versionInput(model.id, more));
      return { model: model.id, version: String(number), id };
    },
  };
}
