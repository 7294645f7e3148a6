import { z } from "zod";
import { modelRef } from "../schemas";
import { newTags } from "../tags/schemas";

export const registerFromSourceInput = modelRef.extend({
  source: z.string().min(1).max(2_000).describe("`runs:/…`, `models:/…`, `mlflow-artifacts:/…`"),
  /** The run as the client names it, which need not be one of ours. */
  run: z.string().max(500).default(""),
  loggedModelId: z.string().max(100).default(""),
  runLink: z.string().max(2_000).default(""),
  description: z.string().max(10_000).default(""),
  tags: newTags,
});
