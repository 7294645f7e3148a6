import { procedure, router } from "@/server/trpc/init";
import type { Change } from "./change-hub";

export const liveRouter = router({
  /** What changes in the workspace, as it is committed: which router's queries to ask again. */
  changes: procedure("workspace:read").subscription(({ ctx, signal }) =>
    whileAllowed(ctx.changes.follow(ctx.context.workspaceId, signal), ctx.confirm),
  ),
});

/** Ends with an error as soon as a change of access ends the listener's: sign-out, a revoked key. */
async function* whileAllowed(
  changes: AsyncIterable<Change>,
  confirm: () => Promise<void>,
): AsyncGenerator<Change> {
  for await (const change of changes) {
    if (change.topic === "access") await confirm();
    yield change;
  }
}
