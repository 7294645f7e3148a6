import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { invalid } from "@/server/kernel/errors";
import { compareRows } from "./compare-rows";
import { getModelInWorkspace, getVersionInWorkspace, toVersionDto } from "./internal";
import {
  type ComparedRow,
  compareVersionsInput,
  type VersionComparison,
  type VersionDto,
} from "./schemas";

/** Two to ten versions of a model side by side. Throws not_found for any that is not one of its. */
export async function compareVersions(
  ctx: Context,
  input: z.input<typeof compareVersionsInput>,
): Promise<VersionComparison> {
  requirePermission(ctx, "models:read");
  const { model: idOrName, versions: wanted } = compareVersionsInput.parse(input);
  const { model, versions } = await withWorkspace(ctx, async (tx) => {
    const model = await getModelInWorkspace(tx, ctx, idOrName);
    const versions: VersionDto[] = [];
    for (const one of wanted) {
      versions.push(toVersionDto(await getVersionInWorkspace(tx, ctx, model, one), model.name));
    }
    return { model, versions };
  });
  if (new Set(versions.map(({ id }) => id)).size !== versions.length) {
    throw invalid("A version is named twice.", [{ path: "versions", message: "name each once" }]);
  }
  return {
    model: { id: model.id, name: model.name },
    versions: versions.map(({ id, number, label, stage, createdAt }) => ({
      id,
      number,
      label,
      stage,
      createdAt,
    })),
    facts: compareRows(versions.map(factsOf)),
    metrics: byName(compareRows(versions.map(metricsOf))),
    hyperparameters: byName(compareRows(versions.map(({ hyperparameters }) => hyperparameters))),
    features: compareRows(versions.map(featuresOf)),
  };
}

/** The database keeps no order of keys. */
const byName = (rows: ComparedRow[]) => rows.toSorted((a, b) => (a.name < b.name ? -1 : 1));

const factsOf = (version: VersionDto) => ({
  algorithm: version.algorithm,
  task: version.task,
  target: version.signature?.target.name ?? null,
  datasetId: version.datasetId,
  datasetSha256: version.datasetSha256,
  seed: version.seed,
  durationSeconds: version.durationSeconds,
});

const metricsOf = ({ metrics }: VersionDto) =>
  Object.fromEntries(
    (["validation", "test"] as const).flatMap((split) =>
      Object.entries(metrics[split]).map(([name, value]) => [`${split}.${name}`, value]),
    ),
  );

const featuresOf = ({ signature }: VersionDto) =>
  Object.fromEntries((signature?.features ?? []).map(({ name, type }) => [name, type]));
