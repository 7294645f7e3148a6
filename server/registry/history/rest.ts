import { pageOf } from "@/server/kernel/paging";
import { defineRoute } from "@/server/protocols/rest/contract";
import { modelRef, versionRef } from "../schemas";
import { historyEntry, versionHistoryInput } from "./schemas";
import { versionHistory } from "./version-history";

export const historyRoutes = [
  defineRoute({
    method: "get",
    path: "/models/{model}/versions/{v}/history",
    operationId: "versionHistory",
    summary: "What happened to a version, newest first, from the hash-chained trail",
    tag: "Models",
    permission: "models:read",
    params: modelRef.extend({ v: versionRef.shape.version }),
    query: versionHistoryInput.omit({ model: true, version: true }),
    status: 200,
    reply: pageOf(historyEntry),
    handler: ({ ctx, params: { model, v }, query }) =>
      versionHistory(ctx, { model, version: v, ...query }),
  }),
];
