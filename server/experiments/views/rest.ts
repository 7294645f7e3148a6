import { defineRoute } from "@/server/protocols/rest/contract";
import { deleteView, listViews, saveView } from "./index";
import { listViewsInput, saveViewInput, viewDto, viewInput, viewList } from "./schemas";

const tag = "Experiments";

export const viewRoutes = [
  defineRoute({
    method: "get",
    path: "/views",
    operationId: "listViews",
    summary: "Saved views of a page",
    tag,
    permission: "experiments:read",
    query: listViewsInput,
    status: 200,
    reply: viewList,
    handler: ({ ctx, query }) => listViews(ctx, query),
  }),
  defineRoute({
    method: "put",
    path: "/views",
    operationId: "saveView",
    summary: "Keep the state of a page under a name",
    tag,
    permission: "experiments:write",
    body: saveViewInput,
    status: 200,
    reply: viewDto,
    handler: ({ ctx, body }) => saveView(ctx, body),
  }),
  defineRoute({
    method: "delete",
    path: "/views/{view}",
    operationId: "deleteView",
    summary: "Delete a saved view",
    tag,
    permission: "experiments:write",
    params: viewInput,
    status: 204,
    handler: ({ ctx, params }) => deleteView(ctx, params),
  }),
];
