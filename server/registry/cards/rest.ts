import { pageOf } from "@/server/kernel/paging";
import { defineRoute } from "@/server/protocols/rest/contract";
import { modelRef, versionRef } from "../schemas";
import { draftCard } from "./draft-card";
import { getCardRevision, listCardRevisions } from "./list-card-revisions";
import {
  cardRevision,
  cardRevisionRef,
  cardRevisionSummary,
  cardTemplate,
  cardText,
  listCardRevisionsInput,
} from "./schemas";
import { writeCard } from "./write-card";

const tag = "Model cards";

export const cardRoutes = [
  defineRoute({
    method: "put",
    path: "/models/{model}/card",
    operationId: "writeCard",
    summary: "Give a model's card a new text",
    tag,
    permission: "models:write",
    params: modelRef,
    body: cardText,
    status: 200,
    reply: cardRevision,
    handler: ({ ctx, params, body }) => writeCard(ctx, { ...params, ...body }),
  }),
  defineRoute({
    method: "get",
    path: "/models/{model}/card/revisions",
    operationId: "listCardRevisions",
    summary: "Who wrote a model's card and when, newest first",
    tag,
    permission: "models:read",
    params: modelRef,
    query: listCardRevisionsInput.omit({ model: true }),
    status: 200,
    reply: pageOf(cardRevisionSummary),
    handler: ({ ctx, params, query }) => listCardRevisions(ctx, { ...params, ...query }),
  }),
  defineRoute({
    method: "get",
    path: "/models/{model}/card/revisions/{revision}",
    operationId: "getCardRevision",
    summary: "One text a model's card had",
    tag,
    permission: "models:read",
    params: cardRevisionRef,
    status: 200,
    reply: cardRevision,
    handler: ({ ctx, params }) => getCardRevision(ctx, params),
  }),
  defineRoute({
    method: "get",
    path: "/models/{model}/versions/{v}/card-draft",
    operationId: "draftCard",
    summary: "A card to start from, made of what a version knows",
    tag,
    permission: "models:read",
    params: modelRef.extend({ v: versionRef.shape.version }),
    status: 200,
    reply: cardTemplate,
    handler: ({ ctx, params: { model, v } }) => draftCard(ctx, { model, version: v }),
  }),
];
