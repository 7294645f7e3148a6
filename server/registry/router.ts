import { z } from "zod";
import { procedure, router } from "@/server/trpc/init";
import { aliasProcedures } from "./aliases/router";
import { approvalProcedures } from "./approvals/router";
import { benchmarkProcedures } from "./benchmarks/router";
import { cardProcedures } from "./cards/router";
import { externalProcedures } from "./external/router";
import { historyProcedures } from "./history/router";
import {
  compareVersions,
  createModel,
  deleteModel,
  deleteVersion,
  getModel,
  getVersion,
  listModels,
  listVersionArtifacts,
  listVersions,
  updateModel,
  updateVersion,
} from "./index";
import { lineageProcedures } from "./lineage/router";
import {
  compareVersionsInput,
  createModelInput,
  listModelsInput,
  listVersionsInput,
  modelRef,
  updateModelInput,
  updateVersionInput,
  versionRef,
} from "./schemas";
import { semanticVersionProcedures } from "./semantic-versions/router";
import { signatureProcedures } from "./signatures/router";
import { stageProcedures } from "./stages/router";
import { tagProcedures } from "./tags/router";

export const registryRouter = router({
  ...aliasProcedures,
  ...tagProcedures,
  ...stageProcedures,
  ...approvalProcedures,
  ...semanticVersionProcedures,
  ...signatureProcedures,
  ...lineageProcedures,
  ...historyProcedures,
  ...cardProcedures,
  ...externalProcedures,
  ...benchmarkProcedures,
  listModels: procedure("models:read")
    .input(listModelsInput)
    .query(({ ctx, input }) => listModels(ctx.context, input)),
  getModel: procedure("models:read")
    .input(modelRef)
    .query(({ ctx, input }) => getModel(ctx.context, input)),
  createModel: procedure("models:write")
    .input(createModelInput)
    .mutation(({ ctx, input }) => createModel(ctx.context, input)),
  updateModel: procedure("models:write")
    .input(z.strictObject({ ...modelRef.shape, ...updateModelInput.shape }))
    .mutation(({ ctx, input }) => updateModel(ctx.context, input)),
  deleteModel: procedure("models:write")
    .input(modelRef)
    .mutation(({ ctx, input }) => deleteModel(ctx.context, input)),
  listVersions: procedure("models:read")
    .input(listVersionsInput)
    .query(({ ctx, input }) => listVersions(ctx.context, input)),
  getVersion: procedure("models:read")
    .input(versionRef)
    .query(({ ctx, input }) => getVersion(ctx.context, input)),
  updateVersion: procedure("models:write")
    .input(z.strictObject({ ...versionRef.shape, ...updateVersionInput.shape }))
    .mutation(({ ctx, input }) => updateVersion(ctx.context, input)),
  deleteVersion: procedure("models:write")
    .input(versionRef)
    .mutation(({ ctx, input }) => deleteVersion(ctx.context, input)),
  compareVersions: procedure("models:read")
    .input(compareVersionsInput)
    .query(({ ctx, input }) => compareVersions(ctx.context, input)),
  listVersionArtifacts: procedure("models:read")
    .input(versionRef)
    .query(({ ctx, input }) => listVersionArtifacts(ctx.context, input)),
});
