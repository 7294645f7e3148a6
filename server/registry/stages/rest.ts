import { defineRoute } from "@/server/protocols/rest/contract";
import { createStage } from "./create-stage";
import { deleteStage } from "./delete-stage";
import { listStages } from "./list-stages";
import { reorderStages } from "./reorder-stages";
import {
  createStageInput,
  reorderStagesInput,
  stageChanges,
  stageDto,
  stageList,
  stageRef,
} from "./schemas";
import { updateStage } from "./update-stage";

const tag = "Stages";

export const stageRoutes = [
  defineRoute({
    method: "get",
    path: "/stages",
    operationId: "listStages",
    summary: "List the stages versions pass through, from left to right",
    tag,
    permission: "models:read",
    status: 200,
    reply: stageList,
    handler: ({ ctx }) => listStages(ctx),
  }),
  defineRoute({
    method: "post",
    path: "/stages",
    operationId: "createStage",
    summary: "Add a stage",
    tag,
    permission: "stages:write",
    body: createStageInput,
    status: 201,
    reply: stageDto,
    handler: ({ ctx, body }) => createStage(ctx, body),
  }),
  defineRoute({
    method: "put",
    path: "/stages/order",
    operationId: "reorderStages",
    summary: "Put the stages in another order",
    tag,
    permission: "stages:write",
    body: reorderStagesInput,
    status: 200,
    reply: stageList,
    handler: ({ ctx, body }) => reorderStages(ctx, body),
  }),
  defineRoute({
    method: "patch",
    path: "/stages/{stage}",
    operationId: "updateStage",
    summary: "Change a stage",
    description: "Open requests to enter it follow the new rules.",
    tag,
    permission: "stages:write",
    params: stageRef,
    body: stageChanges,
    status: 200,
    reply: stageDto,
    handler: ({ ctx, params, body }) => updateStage(ctx, { ...params, ...body }),
  }),
  defineRoute({
    method: "delete",
    path: "/stages/{stage}",
    operationId: "deleteStage",
    summary: "Take a stage away",
    description: "Refused with 409 while versions are in it or ask to enter it.",
    tag,
    permission: "stages:write",
    params: stageRef,
    status: 204,
    handler: ({ ctx, params }) => deleteStage(ctx, params),
  }),
];
