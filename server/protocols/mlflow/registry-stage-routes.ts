import { fromMlflowStage, getRegisteredVersion, listStages, requestStage } from "@/server/registry";
import { defineMlflowRoute } from "./contract";
import { invalidParameter, MlflowError } from "./errors";
import { bool, id, required, str } from "./fields";
import { inWords, versionNamed } from "./registry-names";
import { toWireVersion } from "./registry-wire";

const STAGES = "None, Staging, Production, Archived";

export const registryStageRoutes = [
  defineMlflowRoute({
    methods: ["POST"],
    path: "/model-versions/transition-stage",
    permission: "models:write",
    fields: {
      name: required(str),
      version: required(id),
      stage: required(str),
      archive_existing_versions: bool,
    },
    handler: async ({ ctx, body }) => {
      const { items: stages } = await listStages(ctx);
      const stage = fromMlflowStage(stages, body.stage);
      if (!stage) {
        throw invalidParameter(
          `Invalid Model Version stage: ${body.stage}. Value must be one of ${STAGES}.`,
        );
      }
      const archives = body.archive_existing_versions ?? false;
      if (archives && ["None", "Archived"].includes(stage.mlflowStage)) {
        throw invalidParameter(
          `Model version transition cannot archive existing model versions because '${stage.mlflowStage}' is not an Active stage. Valid stages are ['Staging', 'Production']`,
        );
      }
      const { outcome, version, approval } = await inWords(body, () =>
        requestStage(ctx, {
          ...versionNamed(body.name, body.version),
          stage: stage.key,
          ...(archives ? { archivePrevious: true } : {}),
        }),
      );
      if (outcome === "pending") {
        throw new MlflowError(
          "PERMISSION_DENIED",
          `The stage ${stage.name} needs approval. The request ${approval?.id ?? ""} waits for it; the version moves once it is approved and its gates pass.`,
        );
      }
      const found = await getRegisteredVersion(ctx, {
        model: version.modelId,
        version: version.id,
      });
      return { model_version: toWireVersion(found) };
    },
  }),
];
