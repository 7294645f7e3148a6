import { procedure } from "@/server/trpc/init";
import { versionHistoryInput } from "./schemas";
import { versionHistory } from "./version-history";

export const historyProcedures = {
  versionHistory: procedure("models:read")
    .input(versionHistoryInput)
    .query(({ ctx, input }) => versionHistory(ctx.context, input)),
};
