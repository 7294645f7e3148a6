import { procedure } from "@/server/trpc/init";
import { versionRef } from "../schemas";
import { deleteModelTag } from "./delete-model-tag";
import { deleteVersionTag } from "./delete-version-tag";
import { listVersionTags } from "./list-version-tags";
import { modelTagRef, setModelTagInput, setVersionTagInput, versionTagRef } from "./schemas";
import { setModelTag } from "./set-model-tag";
import { setVersionTag } from "./set-version-tag";

export const tagProcedures = {
  setModelTag: procedure("models:write")
    .input(setModelTagInput)
    .mutation(({ ctx, input }) => setModelTag(ctx.context, input)),
  deleteModelTag: procedure("models:write")
    .input(modelTagRef)
    .mutation(({ ctx, input }) => deleteModelTag(ctx.context, input)),
  listVersionTags: procedure("models:read")
    .input(versionRef)
    .query(({ ctx, input }) => listVersionTags(ctx.context, input)),
  setVersionTag: procedure("models:write")
    .input(setVersionTagInput)
    .mutation(({ ctx, input }) => setVersionTag(ctx.context, input)),
  deleteVersionTag: procedure("models:write")
    .input(versionTagRef)
    .mutation(({ ctx, input }) => deleteVersionTag(ctx.context, input)),
};
