import { procedure } from "@/server/trpc/init";
import { cancelConversion } from "./cancel-conversion";
import { getConversionSettings } from "./get-settings";
import { listConversions } from "./list-conversions";
import { conversionRef, listConversionsInput, setSettingsInput } from "./schemas";
import { setConversionSettings } from "./set-settings";

export const conversionProcedures = {
  conversions: procedure("models:read")
    .input(listConversionsInput)
    .query(({ ctx, input }) => listConversions(ctx.context, input)),
  cancelConversion: procedure("deployments:write")
    .input(conversionRef)
    .mutation(({ ctx, input }) => cancelConversion(ctx.context, input)),
  conversionSettings: procedure("workspace:read").query(({ ctx }) =>
    getConversionSettings(ctx.context),
  ),
  setConversionSettings: procedure("workspace:write")
    .input(setSettingsInput)
    .mutation(({ ctx, input }) => setConversionSettings(ctx.context, input)),
};
