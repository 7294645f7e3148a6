import { z } from "zod";
import { lineageEdge, lineageNode, versionRef } from "../schemas";

export const LINEAGE_DIRECTIONS = ["up", "down", "both"] as const;

const DEPTH_MAX = 20;
const depth = z.coerce
  .number()
  .int()
  .min(1)
  .max(DEPTH_MAX)
  .default(DEPTH_MAX)
  .describe("Steps away from where the graph begins.");

export const lineageReach = z.object({
  direction: z
    .enum(LINEAGE_DIRECTIONS)
    .default("both")
    .describe("`up` to what it was made from, `down` to what was made of it."),
  depth,
});
export const versionLineageInput = versionRef.extend(lineageReach.shape);

export const datasetLineageRef = z.object({
  dataset: z.string().min(1).max(200).describe("Id or name."),
});
export const datasetLineageReach = z.object({ depth });
export const datasetLineageInput = datasetLineageRef.extend({ depth });

const graph = {
  nodes: z.array(lineageNode),
  edges: z.array(lineageEdge),
  /** More is known than a graph can show. */
  truncated: z.boolean(),
};
/** `versionId`: the version the graph is about. */
export const lineageGraph = z.object({ versionId: z.uuid(), ...graph });
export type LineageGraph = z.infer<typeof lineageGraph>;
export const datasetLineageGraph = z.object({ datasetId: z.uuid(), ...graph });
export type DatasetLineageGraph = z.infer<typeof datasetLineageGraph>;
