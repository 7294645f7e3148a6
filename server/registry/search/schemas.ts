import { z } from "zod";
import { modelRef } from "../schemas";

/** A version as registries of other makers show it: where it is, tags, aliases. */
export interface RegisteredVersionDto {
  id: string;
  modelId: string;
  modelName: string;
  number: number;
  description: string;
  stage: string;
  /** None, Staging, Production or Archived. */
  mlflowStage: string;
  source: string | null;
  /** Where its files are when our store holds none; null when it does. */
  location: string | null;
  /** As the client named it, else our run's id. */
  run: string | null;
  runLink: string;
  loggedModelId: string | null;
  tags: { key: string; value: string }[];
  aliases: string[];
  createdBy: string | null;
  createdAt: string;
  updatedAt: string;
}

export interface RegisteredModelDto {
  id: string;
  name: string;
  description: string;
  tags: { key: string; value: string }[];
  aliases: { alias: string; number: number }[];
  /** The newest version of each of MLflow's stages. */
  latestVersions: RegisteredVersionDto[];
  createdBy: string | null;
  createdAt: string;
  updatedAt: string;
}

export const searchInput = z.object({
  /** In the grammar of server/experiments/filter. */
  filter: z.string().max(20_000).default(""),
  orderBy: z.array(z.string().max(500)).max(10).default([]),
  limit: z.number().int().min(1).max(10_000),
  cursor: z.string().max(5_000).optional(),
});

export const latestVersionsInput = modelRef.extend({
  /** Words of MLflow in any case; all stages when empty. */
  stages: z.array(z.string().max(200)).max(50).default([]),
});
