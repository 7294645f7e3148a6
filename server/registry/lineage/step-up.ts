import { and, eq, inArray, isNotNull } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { datasets, modelVersions, runInputs, runs } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import type { VersionRow } from "../internal";
import type { LineageEdge, LineageNode } from "../schemas";
import { datasetNode, loggedInputNode, runNode, versionNode } from "./lineage-nodes";

/** Where a walk stands: what it reached with its last step. */
export interface Frontier {
  versions: VersionRow[];
  runIds: string[];
  datasetIds: string[];
}

export interface Step {
  nodes: LineageNode[];
  edges: LineageEdge[];
  next: Frontier;
}

type Tenant = Pick<Context, "workspaceId">;
const present = (ids: readonly (string | null)[]): string[] => [
  ...new Set(ids.filter((id) => id !== null)),
];

/** One step towards what things were made from: parents, runs, datasets. */
export async function stepUp(tx: Transaction, ctx: Tenant, from: Frontier): Promise<Step> {
  const { versions, runIds } = from;
  const parents = await versionsById(tx, ctx, present(versions.map((one) => one.parentVersionId)));
  const made = await runsById(tx, ctx, present(versions.map(({ runId }) => runId)));
  const read = await readBy(tx, ctx, versions, runIds);
  const logged = runIds.length === 0 ? [] : await loggedInputs(tx, ctx, runIds);
  const inputs = logged.filter((one) => !read.some((own) => isSameContent(one, own)));
  const known = new Set([...parents, ...made].map(({ id }) => id));
  return {
    nodes: [
      ...parents.map(versionNode),
      ...made.map(runNode),
      ...read.map(({ dataset }) => datasetNode(dataset)),
      ...inputs.map(loggedInputNode),
    ],
    edges: [
      ...read.map(({ dataset, to }) => ({ from: dataset.id, to, label: "read by" })),
      ...inputs.map((one) => ({ from: loggedInputNode(one).id, to: one.runId, label: "read by" })),
      ...versions.flatMap(({ id, runId }) =>
        runId && known.has(runId) ? [{ from: runId, to: id, label: "made" }] : [],
      ),
      ...versions.flatMap(({ id, parentVersionId: parent }) =>
        parent && known.has(parent) ? [{ from: parent, to: id, label: "followed by" }] : [],
      ),
    ],
    next: { versions: parents, runIds: made.map(({ id }) => id), datasetIds: [] },
  };
}

async function versionsById(
  tx: Transaction,
  ctx: Tenant,
  ids: readonly string[],
): Promise<VersionRow[]> {
  if (ids.length === 0) return [];
  return tx
    .select()
    .from(modelVersions)
    .where(
      and(eq(modelVersions.workspaceId, ctx.workspaceId), inArray(modelVersions.id, [...ids])),
    );
}

export async function runsById(tx: Transaction, ctx: Tenant, ids: readonly string[]) {
  if (ids.length === 0) return [];
  return tx
    .select({ id: runs.id, name: runs.name, status: runs.status })
    .from(runs)
    .where(and(eq(runs.workspaceId, ctx.workspaceId), inArray(runs.id, [...ids])));
}

/** Datasets of runs, as the versions they made tell, and of versions that no run made. */
async function readBy(
  tx: Transaction,
  ctx: Tenant,
  versions: readonly VersionRow[],
  runIds: readonly string[],
) {
  const ofRuns =
    runIds.length === 0
      ? []
      : await tx
          .selectDistinct({ datasetId: modelVersions.datasetId, to: modelVersions.runId })
          .from(modelVersions)
          .where(
            and(
              eq(modelVersions.workspaceId, ctx.workspaceId),
              inArray(modelVersions.runId, [...runIds]),
              isNotNull(modelVersions.datasetId),
            ),
          );
  const bare = versions.flatMap(({ id, runId, datasetId }) =>
    datasetId && !runId ? [{ datasetId, to: id }] : [],
  );
  const wanted = [...ofRuns, ...bare];
  const ids = present(wanted.map(({ datasetId }) => datasetId));
  if (ids.length === 0) return [];
  // Deleted ones too: the version was made from them all the same.
  const rows = await tx
    .select()
    .from(datasets)
    .where(and(eq(datasets.workspaceId, ctx.workspaceId), inArray(datasets.id, ids)));
  const found = new Map(rows.map((row) => [row.id, row]));
  return wanted.flatMap(({ datasetId, to }) => {
    const dataset = found.get(datasetId ?? "");
    return dataset && to ? [{ dataset, to }] : [];
  });
}

/** Characters a digest must have to tell contents apart; clients cut what is longer than 36. */
const DIGEST_CHARS_MIN = 32;

/** Whether what a run logged as its input is a dataset of ours that it is known to have read. */
const isSameContent = (
  logged: { runId: string; digest: string },
  own: { dataset: { sha256: string }; to: string },
): boolean =>
  own.to === logged.runId &&
  logged.digest.length >= DIGEST_CHARS_MIN &&
  own.dataset.sha256.startsWith(logged.digest.toLowerCase());

const loggedInputs = (tx: Transaction, ctx: Tenant, runIds: readonly string[]) =>
  tx
    .select({ runId: runInputs.runId, name: runInputs.name, digest: runInputs.digest })
    .from(runInputs)
    .where(and(eq(runInputs.workspaceId, ctx.workspaceId), inArray(runInputs.runId, [...runIds])))
    .limit(200);
