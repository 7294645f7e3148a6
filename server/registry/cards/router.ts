import { procedure } from "@/server/trpc/init";
import { draftCard } from "./draft-card";
import { getCardRevision, listCardRevisions } from "./list-card-revisions";
import {
  cardRevisionRef,
  cardTemplateInput,
  listCardRevisionsInput,
  writeCardInput,
} from "./schemas";
import { writeCard } from "./write-card";

export const cardProcedures = {
  writeCard: procedure("models:write")
    .input(writeCardInput)
    .mutation(({ ctx, input }) => writeCard(ctx.context, input)),
  listCardRevisions: procedure("models:read")
    .input(listCardRevisionsInput)
    .query(({ ctx, input }) => listCardRevisions(ctx.context, input)),
  getCardRevision: procedure("models:read")
    .input(cardRevisionRef)
    .query(({ ctx, input }) => getCardRevision(ctx.context, input)),
  draftCard: procedure("models:read")
    .input(cardTemplateInput)
    .query(({ ctx, input }) => draftCard(ctx.context, input)),
};
