import { procedure } from "@/server/trpc/init";
import { deleteView, listViews, saveView } from "./index";
import { listViewsInput, saveViewInput, viewInput } from "./schemas";

export const viewProcedures = {
  listViews: procedure("experiments:read")
    .input(listViewsInput)
    .query(({ ctx, input }) => listViews(ctx.context, input)),
  saveView: procedure("experiments:write")
    .input(saveViewInput)
    .mutation(({ ctx, input }) => saveView(ctx.context, input)),
  deleteView: procedure("experiments:write")
    .input(viewInput)
    .mutation(({ ctx, input }) => deleteView(ctx.context, input)),
};
