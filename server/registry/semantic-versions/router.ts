import { procedure } from "@/server/trpc/init";
import { listSemanticVersions } from "./list-semantic-versions";
import { listSemanticVersionsInput, setSemanticVersionInput } from "./schemas";
import { setSemanticVersion } from "./set-semantic-version";

export const semanticVersionProcedures = {
  listSemanticVersions: procedure("models:read")
    .input(listSemanticVersionsInput)
    .query(({ ctx, input }) => listSemanticVersions(ctx.context, input)),
  setSemanticVersion: procedure("models:write")
    .input(setSemanticVersionInput)
    .mutation(({ ctx, input }) => setSemanticVersion(ctx.context, input)),
};
