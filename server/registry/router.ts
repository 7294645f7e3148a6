import { procedure, router } from "@/server/trpc/init";
import { createModel, listModels } from "./index";
import { createModelInput, listModelsInput } from "./schemas";

export const registryRouter = router({
  listModels: procedure("models:read")
    .input(listModelsInput)
    .query(({ ctx, input }) => listModels(ctx.context, input)),
  createModel: procedure("models:write")
    .input(createModelInput)
    .mutation(({ ctx, input }) => createModel(ctx.context, input)),
});
