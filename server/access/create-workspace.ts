import { sql } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { recordAudit } from "@/server/audit";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { newId } from "@/server/kernel/ids";
import { requirePermission } from "./require-permission";
import { createWorkspaceInput, type workspaceDto } from "./schemas";

/** The person behind a call. Throws forbidden for callers without one: somebody must administer. */
export function personOf(ctx: Pick<Context, "actor">): string {
  const { actor } = ctx;
  const id = actor.type === "user" ? actor.userId : actor.type === "apiKey" && actor.createdBy;
  if (id) return id;
  throw new AppError(
    "forbidden",
    "This needs a person: sign in, or use an API key that a person made.",
  );
}

/** Makes a workspace whose first administrator is the caller. Throws conflict for a taken slug. */
export async function createWorkspace(
  ctx: Context,
  input: z.input<typeof createWorkspaceInput>,
): Promise<z.infer<typeof workspaceDto>> {
  requirePermission(ctx, "workspace:write");
  const { name, slug } = createWorkspaceInput.parse(input);
  const userId = personOf(ctx);
  const made = { id: newId(ctx.now().getTime()), slug, name, archivedAt: null };
  const inside: Context = { ...ctx, workspaceId: made.id };
  await withWorkspace(inside, async (tx) => {
    const { rows } = await tx.execute<{ made: boolean }>(
      sql`select create_workspace(${made.id}, ${slug}, ${name}, ${userId}) as made`,
    );
    if (!rows[0]?.made) {
      throw new AppError("conflict", `A workspace ${slug} exists already.`, {
        issues: [{ path: "slug", message: "is taken" }],
      });
    }
    await recordAudit(tx, inside, {
      action: "workspace.created",
      subjectType: "workspace",
      subjectId: made.id,
      after: made,
    });
  });
  return made;
}
