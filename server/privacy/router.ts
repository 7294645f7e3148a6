import { procedure, router } from "@/server/trpc/init";
import { eraseSubject, listErasures } from "./index";
import { eraseSubjectInput, listErasuresInput } from "./schemas";

export const privacyRouter = router({
  listErasures: procedure("privacy:export")
    .input(listErasuresInput)
    .query(({ ctx, input }) => listErasures(ctx.context, input)),
  erase: procedure("privacy:erase")
    .input(eraseSubjectInput)
    .mutation(({ ctx, input }) => eraseSubject(ctx.context, input)),
});
