import { defineRoute } from "@/server/protocols/rest/contract";
import { modelRef, versionDto, versionRef } from "../schemas";
import { changeExternalCredential } from "./change-credential";
import { checkExternal } from "./check-external";
import { checkExternalModel } from "./check-external-model";
import { getExternal } from "./get-external";
import { registerExternalVersion } from "./register-external";
import {
  changeCredentialBody,
  checkExternalModelBody,
  externalDto,
  externalFindings,
  registerExternalBody,
} from "./schemas";

const tag = "Models";
const params = modelRef.extend({ v: versionRef.shape.version });
const path = "/models/{model}/versions/{v}/external";

export const externalRoutes = [
  defineRoute({
    method: "post",
    path: "/models/{model}/versions/external",
    operationId: "registerExternalVersion",
    summary: "Register a model that runs on another server",
    description:
      "The server speaks the Open Inference Protocol and is asked at once: what the model takes and gives is read from its metadata where no signature is sent. The version is deployed like any other; credentials are kept sealed and never shown.",
    tag,
    permission: "models:write",
    params: modelRef,
    body: registerExternalBody,
    bodyLimitBytes: 8 * 1024 * 1024,
    status: 201,
    reply: versionDto,
    handler: ({ ctx, params, body }) => registerExternalVersion(ctx, { ...body, ...params }),
  }),
  defineRoute({
    method: "post",
    path: "/models/{model}/external/check",
    operationId: "checkExternalModel",
    summary: "Look at a model on another server without registering it",
    tag,
    permission: "models:write",
    params: modelRef,
    body: checkExternalModelBody,
    bodyLimitBytes: 8 * 1024 * 1024,
    status: 200,
    reply: externalFindings,
    handler: ({ ctx, params, body }) => checkExternalModel(ctx, { ...body, ...params }),
  }),
  defineRoute({
    method: "get",
    path,
    operationId: "getExternalVersion",
    summary: "Where a version runs elsewhere",
    tag,
    permission: "models:read",
    params,
    status: 200,
    reply: externalDto,
    handler: ({ ctx, params: { model, v } }) => getExternal(ctx, { model, version: v }),
  }),
  defineRoute({
    method: "post",
    path: `${path}/check`,
    operationId: "checkExternalVersion",
    summary: "Ask the server of a version again",
    tag,
    permission: "models:write",
    params,
    status: 200,
    reply: externalDto,
    handler: ({ ctx, params: { model, v } }) => checkExternal(ctx, { model, version: v }),
  }),
  defineRoute({
    method: "put",
    path: `${path}/credential`,
    operationId: "changeExternalCredential",
    summary: "Replace the credential of a version that runs elsewhere",
    tag,
    permission: "models:write",
    params,
    body: changeCredentialBody,
    status: 200,
    reply: externalDto,
    handler: ({ ctx, params: { model, v }, body }) =>
      changeExternalCredential(ctx, { model, version: v, ...body }),
  }),
];
