import type { z } from "zod";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { catalog } from "./catalog";
import type { algorithmsDto } from "./schemas";

/** What can be trained here, with every hyperparameter, its default and its bounds. */
export async function listAlgorithms(ctx: Context): Promise<z.input<typeof algorithmsDto>> {
  requirePermission(ctx, "training:read");
  return { algorithms: catalog.algorithms, limits: catalog.limits };
}
