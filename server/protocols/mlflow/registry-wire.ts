import type { RegisteredModelDto, RegisteredVersionDto } from "@/server/registry";
import { hexId, listed, modelHexId } from "./wire";

const ms = (iso: string): number => Date.parse(iso);

/** Where clients read the files of a version that our store holds. */
const versionUri = (versionId: string): string =>
  `mlflow-artifacts:/versions/${hexId(versionId)}/artifacts`;

/** What a client downloads a version from. */
export const downloadUri = (version: RegisteredVersionDto): string =>
  version.location ?? versionUri(version.id);

export const toWireVersion = (version: RegisteredVersionDto) => ({
  name: version.modelName,
  version: String(version.number),
  creation_timestamp: ms(version.createdAt),
  last_updated_timestamp: ms(version.updatedAt),
  ...(version.createdBy ? { user_id: version.createdBy } : {}),
  current_stage: version.mlflowStage,
  description: version.description,
  source: version.source ?? versionUri(version.id),
  run_id: version.run ?? "",
  status: "READY",
  ...listed("tags", version.tags),
  run_link: version.runLink,
  ...listed("aliases", version.aliases),
  ...(version.loggedModelId ? { model_id: modelHexId(version.loggedModelId) } : {}),
});

export const toWireRegisteredModel = (model: RegisteredModelDto) => ({
  name: model.name,
  creation_timestamp: ms(model.createdAt),
  last_updated_timestamp: ms(model.updatedAt),
  ...(model.createdBy ? { user_id: model.createdBy } : {}),
  description: model.description,
  ...listed("latest_versions", model.latestVersions.map(toWireVersion)),
  ...listed("tags", model.tags),
  ...listed(
    "aliases",
    model.aliases.map(({ alias, number }) => ({ alias, version: String(number) })),
  ),
});
