import { procedure } from "@/server/trpc/init";
import { listSignatures } from "./list-signatures";
import { proposeSignature } from "./propose-signature";
import { listSignaturesInput, proposeInput, setSignatureInput } from "./schemas";
import { setSignature } from "./set-signature";

export const signatureProcedures = {
  proposeSignature: procedure("models:write")
    .input(proposeInput)
    .mutation(({ ctx, input }) => proposeSignature(ctx.context, input)),
  setSignature: procedure("models:write")
    .input(setSignatureInput)
    .mutation(({ ctx, input }) => setSignature(ctx.context, input)),
  listSignatures: procedure("models:read")
    .input(listSignaturesInput)
    .query(({ ctx, input }) => listSignatures(ctx.context, input)),
};
