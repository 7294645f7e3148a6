import type { Context as HonoContext } from "hono";
import { defineRoute } from "@/server/protocols/rest/contract";
import { announceNode, requireNodeToken } from "./announce-node";
import { drainNode, resumeNode } from "./drain-node";
import { getNode } from "./get-node";
import { listNodes } from "./list-nodes";
import { removeNode } from "./remove-node";
import {
  announceInput,
  announceReply,
  artifactParams,
  nodeDetailDto,
  nodeDto,
  nodeList,
  nodeParams,
} from "./schemas";
import { serveNodeArtifact } from "./serve-artifact";

const tag = "Nodes";

const tokenOf = (http: HonoContext) => http.req.header("x-modelyard-node-token");

export const nodesRoutes = [
  defineRoute({
    method: "get",
    path: "/nodes",
    operationId: "listNodes",
    summary: "List the inference nodes of the installation",
    tag,
    permission: "nodes:read",
    status: 200,
    reply: nodeList,
    handler: ({ ctx }) => listNodes(ctx),
  }),
  defineRoute({
    method: "post",
    path: "/nodes/announce",
    operationId: "announceNode",
    summary: "A node says that it is there",
    description:
      "For nodes, every few seconds; the first word registers one. They show the installation's node token in X-Modelyard-Node-Token and no other credentials.",
    tag,
    permission: null,
    admit: (ctx, http) => requireNodeToken(ctx, tokenOf(http)),
    body: announceInput,
    status: 200,
    reply: announceReply,
    handler: ({ ctx, body, http }) => announceNode(ctx, { ...body, token: tokenOf(http) }),
  }),
  defineRoute({
    method: "get",
    path: "/nodes/artifacts/{workspace}/{sha256}",
    operationId: "readNodeArtifact",
    summary: "A model file, for the node that was asked to load it",
    description:
      "For nodes without access to the artifact store. They show the node token, and in X-Modelyard-Object-Key the key that the load request brought. Ranges are answered.",
    tag,
    permission: null,
    admit: (ctx, http) => requireNodeToken(ctx, tokenOf(http)),
    params: artifactParams,
    status: 200,
    replyContentType: "application/octet-stream",
    handler: ({ ctx, params, http }) =>
      serveNodeArtifact(ctx, {
        ...params,
        token: tokenOf(http),
        key: http.req.header("x-modelyard-object-key"),
        request: http.req.raw,
      }),
  }),
  defineRoute({
    method: "get",
    path: "/nodes/{node}",
    operationId: "getNode",
    summary: "A node and the models it holds",
    tag,
    permission: "nodes:read",
    params: nodeParams,
    status: 200,
    reply: nodeDetailDto,
    handler: ({ ctx, params }) => getNode(ctx, params),
  }),
  defineRoute({
    method: "post",
    path: "/nodes/{node}/drain",
    operationId: "drainNode",
    summary: "Move the models of a node elsewhere",
    description: "Each model is loaded on another node before this one gives it up.",
    tag,
    permission: "nodes:write",
    params: nodeParams,
    status: 200,
    reply: nodeDto,
    handler: ({ ctx, params }) => drainNode(ctx, params),
  }),
  defineRoute({
    method: "post",
    path: "/nodes/{node}/resume",
    operationId: "resumeNode",
    summary: "Let a drained node take models again",
    tag,
    permission: "nodes:write",
    params: nodeParams,
    status: 200,
    reply: nodeDto,
    handler: ({ ctx, params }) => resumeNode(ctx, params),
  }),
  defineRoute({
    method: "delete",
    path: "/nodes/{node}",
    operationId: "removeNode",
    summary: "Forget a node that is gone",
    tag,
    permission: "nodes:write",
    params: nodeParams,
    status: 204,
    handler: ({ ctx, params }) => removeNode(ctx, params),
  }),
];
