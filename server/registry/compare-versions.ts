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
  const { model: idOrName, versions: wanted, differencesOnly } = compareVersionsInput.parse(input);
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
  const rows = (of: (version: VersionDto) => Record<string, unknown>) => {
    const all = compareRows(versions.map(of));
    return differencesOnly === "true" ? all.filter(({ differs }) => differs) : all;
  };
  return {
    model: { id: model.id, name: model.name },
    versions: versions.map(({ id, number, label, stage, createdAt }) => ({
      id,
      number,
      label,
      stage,
      createdAt,
    })),
    facts: rows(factsOf),
    metrics: byName(rows(metricsOf)),
    hyperparameters: byName(rows(({ hyperparameters }) => hyperparameters)),
    features: rows(featuresOf),
    signature: rows(tensorsOf),
    environment: byName(rows(({ environment }) => flatten(environment))),
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

const tensorsOf = ({ signature }: VersionDto) =>
  Object.fromEntries(
    (["inputs", "outputs"] as const).flatMap((side) =>
      (signature?.[side] ?? []).map(({ name, datatype, shape }) => [
        `${side}.${name}`,
        `${datatype} [${shape.join(", ")}]`,
      ]),
    ),
  );

/** Deeper than any environment people write. */
const FLATTEN_DEPTH_MAX = 6;

/** Leaves by their path; lists stay whole. */
function flatten(
  value: Readonly<Record<string, unknown>>,
  path = "",
  depth = 0,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, one]) => {
      const isBranch = typeof one === "object" && one !== null && !Array.isArray(one);
      if (!isBranch || depth >= FLATTEN_DEPTH_MAX) return [[path + name, one]];
      const branch = one as Record<string, unknown>;
      return Object.entries(flatten(branch, `${path}${name}.`, depth + 1));
    }),
  );
}
