import { procedure } from "@/server/trpc/init";
import { createStage } from "./create-stage";
import { deleteStage } from "./delete-stage";
import { listStages } from "./list-stages";
import { reorderStages } from "./reorder-stages";
import { createStageInput, reorderStagesInput, stageRef, updateStageInput } from "./schemas";
import { updateStage } from "./update-stage";

export const stageProcedures = {
  listStages: procedure("models:read").query(({ ctx }) => listStages(ctx.context)),
  createStage: procedure("stages:write")
    .input(createStageInput)
    .mutation(({ ctx, input }) => createStage(ctx.context, input)),
  updateStage: procedure("stages:write")
    .input(updateStageInput)
    .mutation(({ ctx, input }) => updateStage(ctx.context, input)),
  deleteStage: procedure("stages:write")
    .input(stageRef)
    .mutation(({ ctx, input }) => deleteStage(ctx.context, input)),
  reorderStages: procedure("stages:write")
    .input(reorderStagesInput)
    .mutation(({ ctx, input }) => reorderStages(ctx.context, input)),
};
