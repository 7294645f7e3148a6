import { defineRoute } from "@/server/protocols/rest/contract";
import { cancelConversion } from "./cancel-conversion";
import { getConversionSettings } from "./get-settings";
import { listConversions } from "./list-conversions";
import {
  conversionDto,
  conversionPage,
  conversionRef,
  listConversionsQuery,
  setSettingsInput,
  settingsDto,
} from "./schemas";
import { setConversionSettings } from "./set-settings";

const tag = "Conversions";

export const conversionRoutes = [
  defineRoute({
    method: "get",
    path: "/models/{model}/versions/{version}/conversions",
    operationId: "listConversions",
    summary: "How a native model became ONNX, or why it did not",
    description:
      "A scikit-learn, XGBoost or LightGBM model that an MLflow client logged is converted when it is deployed.",
    tag,
    permission: "models:read",
    params: conversionRef,
    query: listConversionsQuery,
    status: 200,
    reply: conversionPage,
    handler: ({ ctx, params, query }) => listConversions(ctx, { ...params, ...query }),
  }),
  defineRoute({
    method: "post",
    path: "/models/{model}/versions/{version}/conversions/cancel",
    operationId: "cancelConversion",
    summary: "End the conversion that is under way",
    tag,
    permission: "deployments:write",
    params: conversionRef,
    status: 200,
    reply: conversionDto,
    handler: ({ ctx, params }) => cancelConversion(ctx, params),
  }),
  defineRoute({
    method: "get",
    path: "/workspace/conversion-settings",
    operationId: "getConversionSettings",
    summary: "Whether pickled models may be converted",
    tag,
    permission: "workspace:read",
    status: 200,
    reply: settingsDto,
    handler: ({ ctx }) => getConversionSettings(ctx),
  }),
  defineRoute({
    method: "patch",
    path: "/workspace/conversion-settings",
    operationId: "setConversionSettings",
    summary: "Allow or forbid the conversion of pickled models",
    tag,
    permission: "workspace:write",
    body: setSettingsInput,
    status: 200,
    reply: settingsDto,
    handler: ({ ctx, body }) => setConversionSettings(ctx, body),
  }),
];
