import { procedure } from "@/server/trpc/init";
import { versionRef } from "../schemas";
import { changeExternalCredential } from "./change-credential";
import { checkExternal } from "./check-external";
import { checkExternalModel } from "./check-external-model";
import { getExternal } from "./get-external";
import { registerExternalVersion } from "./register-external";
import { changeCredentialInput, checkExternalModelInput, registerExternalInput } from "./schemas";

export const externalProcedures = {
  getExternal: procedure("models:read")
    .input(versionRef)
    .query(({ ctx, input }) => getExternal(ctx.context, input)),
  checkExternalModel: procedure("models:write")
    .input(checkExternalModelInput)
    .mutation(({ ctx, input }) => checkExternalModel(ctx.context, input)),
  registerExternal: procedure("models:write")
    .input(registerExternalInput)
    .mutation(({ ctx, input }) => registerExternalVersion(ctx.context, input)),
  checkExternal: procedure("models:write")
    .input(versionRef)
    .mutation(({ ctx, input }) => checkExternal(ctx.context, input)),
  changeExternalCredential: procedure("models:write")
    .input(changeCredentialInput)
    .mutation(({ ctx, input }) => changeExternalCredential(ctx.context, input)),
};
