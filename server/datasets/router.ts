import { procedure, router } from "@/server/trpc/init";
import {
  deleteDataset,
  getDataset,
  listDatasets,
  listDatasetVersions,
  previewDataset,
} from "./index";
import { datasetRef, listDatasetsInput, previewDatasetInput } from "./schemas";

export const datasetsRouter = router({
  list: procedure("datasets:read")
    .input(listDatasetsInput)
    .query(({ ctx, input }) => listDatasets(ctx.context, input)),
  get: procedure("datasets:read")
    .input(datasetRef)
    .query(({ ctx, input }) => getDataset(ctx.context, input)),
  versions: procedure("datasets:read")
    .input(datasetRef)
    .query(({ ctx, input }) => listDatasetVersions(ctx.context, input)),
  preview: procedure("datasets:read")
    .input(previewDatasetInput)
    .query(({ ctx, input }) => previewDataset(ctx.context, input)),
  delete: procedure("datasets:write")
    .input(datasetRef)
    .mutation(({ ctx, input }) => deleteDataset(ctx.context, input)),
});
