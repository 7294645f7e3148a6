import { procedure, router } from "@/server/trpc/init";

export const liveRouter = router({
  /** What changes in the workspace, as it is committed: which router's queries to ask again. */
  changes: procedure("workspace:read").subscription(({ ctx, signal }) =>
    ctx.changes.follow(ctx.context.workspaceId, signal),
  ),
});
