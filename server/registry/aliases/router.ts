import { procedure } from "@/server/trpc/init";
import { modelRef } from "../schemas";
import { deleteAlias } from "./delete-alias";
import { listAliases } from "./list-aliases";
import { aliasRef, setAliasInput } from "./schemas";
import { setAlias } from "./set-alias";

export const aliasProcedures = {
  listAliases: procedure("models:read")
    .input(modelRef)
    .query(({ ctx, input }) => listAliases(ctx.context, input)),
  setAlias: procedure("models:write")
    .input(setAliasInput)
    .mutation(({ ctx, input }) => setAlias(ctx.context, input)),
  deleteAlias: procedure("models:write")
    .input(aliasRef)
    .mutation(({ ctx, input }) => deleteAlias(ctx.context, input)),
};
