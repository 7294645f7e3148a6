import { procedure } from "@/server/trpc/init";
import { datasetLineageInput, versionLineageInput } from "./schemas";
import { datasetLineage, versionLineage } from "./version-lineage";

export const lineageProcedures = {
  versionLineage: procedure("models:read")
    .input(versionLineageInput)
    .query(({ ctx, input }) => versionLineage(ctx.context, input)),
  datasetLineage: procedure("models:read")
    .input(datasetLineageInput)
    .query(({ ctx, input }) => datasetLineage(ctx.context, input)),
};
