import type { Principal } from "@/server/access";
import { type PredictionGateway, type Route, readLaneBody } from "@/server/predictions";
import { badRequest, parseProtocolJson } from "@/server/protocols/open-inference/codec";
import { modelConfig, modelMetadata } from "../model/describe-model";
import type { ModelName } from "../model/find-model";
import { type IndexEntry, repositoryIndex } from "../model/repository-index";
import type { Exchange } from "./open-inference-lane";

const INDEX_BYTES_MAX = 1024 * 1024;

type Asked = ModelName & { kind: "metadata" | "modelReady" | "config" | "stats" };

/** The questions about one model that are answered from memory. */
export function answerAboutModel(gateway: PredictionGateway, route: Route, asked: Asked) {
  const { kind, name, version } = asked;
  if (kind === "metadata") return { status: 200, body: modelMetadata(route, asked) };
  if (kind === "config") return { status: 200, body: modelConfig(route, asked) };
  if (kind === "stats") {
    const body = { model_stats: gateway.statistics.entries(route, version) };
    return { status: 200, body };
  }
  const ready = gateway.isReady;
  return { status: ready ? 200 : 503, body: { name, live: true, ready } };
}

/** `GET /v2/models/stats`: every deployment of the workspace that answers. */
export function answerAllStats({ gateway }: Exchange, { workspaceId }: Principal) {
  const statistics = gateway.statistics;
  const routes = gateway.table.routes().filter((one) => one.workspaceId === workspaceId);
  return { model_stats: routes.flatMap((route) => statistics.entries(route, undefined)) };
}

/** `POST /v2/repository/index`, its body `{"ready": boolean}` or nothing. Throws ProtocolError. */
export async function answerIndex(
  { gateway, runtime, req, requestId }: Exchange,
  principal: Principal,
): Promise<IndexEntry[]> {
  const bytes = await readLaneBody(req, INDEX_BYTES_MAX);
  const body = bytes.byteLength === 0 ? {} : parseProtocolJson(bytes.toString());
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw badRequest("the body must be a JSON object");
  }
  const ready = Object.hasOwn(body, "ready") ? (body as { ready?: unknown }).ready : false;
  if (typeof ready !== "boolean") throw badRequest("ready must be true or false");
  return repositoryIndex(gateway, runtime.contextOf(principal, requestId), ready);
}
