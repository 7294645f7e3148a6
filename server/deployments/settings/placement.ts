import { z } from "zod";

/** Key and value pairs as nodes announce them: `zone=eu`, `device=cuda`. */
export const nodeLabels = z
  .record(
    z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$/, "must be a label's name"),
    z.string().max(63),
  )
  .refine((labels) => Object.keys(labels).length <= 32, "may hold 32 labels at most");

/** Which nodes may hold a deployment's versions. */
export const placementSettings = z.strictObject({
  /** Labels a node must have, all of them; any node may when empty. */
  nodeSelector: nodeLabels.default({}),
});
export type PlacementSettings = z.output<typeof placementSettings>;
