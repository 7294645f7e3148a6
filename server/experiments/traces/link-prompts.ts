import { z } from "zod";
import { withWorkspace } from "@/db/client";
import { tracePrompts } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { refuseRunKey } from "../internal";
import { storedText } from "../schemas";
import { getTraceInWorkspace } from "./internal";

const linkInput = z.object({
  traceId: z.string(),
  prompts: z
    .array(
      z.object({
        name: storedText(250),
        version: z.string().regex(/^\d{1,9}$/, "is no version of a prompt"),
      }),
    )
    .max(1000),
});

/**
 * Says which versions of prompts a trace used, beside those said before. Throws not_found for the
 * trace. not audited: it only appends.
 */
export async function linkPrompts(ctx: Context, input: z.input<typeof linkInput>): Promise<void> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  const { traceId, prompts } = linkInput.parse(input);
  await withWorkspace(ctx, async (tx) => {
    const trace = await getTraceInWorkspace(tx, ctx, traceId);
    if (prompts.length === 0) return;
    await tx
      .insert(tracePrompts)
      .values(
        prompts.map(({ name, version }) => ({
          workspaceId: ctx.workspaceId,
          traceId: trace.id,
          prompt: `${name}/${version}`,
        })),
      )
      .onConflictDoNothing();
  });
}
