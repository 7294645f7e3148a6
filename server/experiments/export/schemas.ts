import { z } from "zod";
import { experimentRef } from "../schemas";

export const exportRunsInput = z.strictObject({
  format: z.enum(["csv", "parquet"]).default("csv"),
  experiment: experimentRef.optional().describe("Id, number or name; every experiment if absent."),
  filter: z.string().max(20_000).default("").describe("As in POST /runs/search."),
  orderBy: z
    .string()
    .max(2000)
    .optional()
    .describe("As `metrics.loss ASC`; the newest first if absent."),
  view: z.enum(["active", "deleted", "all"]).default("active"),
});
