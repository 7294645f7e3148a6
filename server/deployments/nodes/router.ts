import { procedure, router } from "@/server/trpc/init";
import { drainNode, resumeNode } from "./drain-node";
import { getNode } from "./get-node";
import { listNodes } from "./list-nodes";
import { removeNode } from "./remove-node";
import { nodeParams } from "./schemas";

export const nodesRouter = router({
  list: procedure("nodes:read").query(({ ctx }) => listNodes(ctx.context)),
  get: procedure("nodes:read")
    .input(nodeParams)
    .query(({ ctx, input }) => getNode(ctx.context, input)),
  drain: procedure("nodes:write")
    .input(nodeParams)
    .mutation(({ ctx, input }) => drainNode(ctx.context, input)),
  resume: procedure("nodes:write")
    .input(nodeParams)
    .mutation(({ ctx, input }) => resumeNode(ctx.context, input)),
  remove: procedure("nodes:write")
    .input(nodeParams)
    .mutation(({ ctx, input }) => removeNode(ctx.context, input)),
});
