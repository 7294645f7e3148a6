import { defineRoute } from "@/server/protocols/rest/contract";
import { archiveRuns, moveRuns, purgeRuns, restoreRuns, tagRuns } from "./index";
import { changedRuns, moveRunsInput, runsInput, tagRunsInput } from "./schemas";

const common = {
  method: "post",
  tag: "Experiments",
  permission: "experiments:write",
  status: 200,
  reply: changedRuns,
} as const;

export const bulkRunRoutes = [
  defineRoute({
    ...common,
    path: "/runs/archive",
    operationId: "archiveRuns",
    summary: "Hide many runs at once",
    body: runsInput,
    handler: ({ ctx, body }) => archiveRuns(ctx, body),
  }),
  defineRoute({
    ...common,
    path: "/runs/restore",
    operationId: "restoreRuns",
    summary: "Bring back many archived runs",
    body: runsInput,
    handler: ({ ctx, body }) => restoreRuns(ctx, body),
  }),
  defineRoute({
    ...common,
    path: "/runs/purge",
    operationId: "purgeRuns",
    summary: "Delete archived runs for good, with metrics and artifacts",
    body: runsInput,
    handler: ({ ctx, body }) => purgeRuns(ctx, body),
  }),
  defineRoute({
    ...common,
    path: "/runs/move",
    operationId: "moveRuns",
    summary: "Move runs to another experiment",
    body: moveRunsInput,
    handler: ({ ctx, body }) => moveRuns(ctx, body),
  }),
  defineRoute({
    ...common,
    path: "/runs/tag",
    operationId: "tagRuns",
    summary: "Set and remove tags of many runs",
    body: tagRunsInput,
    handler: ({ ctx, body }) => tagRuns(ctx, body),
  }),
];
