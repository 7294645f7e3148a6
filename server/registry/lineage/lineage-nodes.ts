import type { datasets, runs } from "@/db/schema";
import type { VersionRow } from "../internal";
import type { LineageNode } from "../schemas";

export const versionNode = (version: VersionRow): LineageNode => {
  const name = version.semanticVersion ?? version.label;
  return {
    id: version.id,
    kind: "version",
    label: name ? `v${version.number} · ${name}` : `v${version.number}`,
    detail: version.deletedAt ? "deleted" : version.algorithm,
  };
};

export const runNode = (row: Pick<typeof runs.$inferSelect, "id" | "name" | "status">) => ({
  id: row.id,
  kind: "run" as const,
  label: row.name || "run",
  detail: row.status,
});

type DatasetRow = Pick<
  typeof datasets.$inferSelect,
  "id" | "name" | "version" | "sha256" | "deletedAt"
>;

export const datasetNode = (row: DatasetRow): LineageNode => ({
  id: row.id,
  kind: "dataset",
  label: `${row.name} v${row.version}`,
  detail: row.deletedAt ? "deleted" : row.sha256.slice(0, 12),
});

/** A dataset a client named when it logged a run; its bytes are not ours, so it has no id. */
export const loggedInputNode = (row: {
  runId: string;
  name: string;
  digest: string;
}): LineageNode => ({
  id: `input:${row.runId}:${row.name}:${row.digest}`.slice(0, 300),
  kind: "dataset",
  label: row.name,
  detail: `logged, ${row.digest}`,
});
