import type { IncomingMessage, ServerResponse } from "node:http";
import { parseLoadRequest } from "@/server/node/models/load-request";
import { unknownModel } from "@/server/node/models/model-store";
import { metricsText } from "@/server/node/stats/metrics";
import { modelStatistics } from "@/server/node/stats/model-statistics";
import {
  badRequest,
  ProtocolError,
  parseProtocolJson,
} from "@/server/protocols/open-inference/codec";
import { infer } from "./infer";
import { modelConfig } from "./model-config";
import type { NodeContext } from "./node-context";
import { readBody } from "./read-body";
import { sendBody, sendJson } from "./send";
import { serverMetadata } from "./server-metadata";

/** Load requests carry a signature of at most 4 MB, escaped once more. */
const CONTROL_BODY_BYTES_MAX = 16 * 1024 * 1024;
/** Models on this node are single versions of their own. */
const VERSION = "1";

const ACTIONS: ReadonlySet<string> = new Set(["ready", "stats", "config"]);

/** Parts of Triton's protocol that a node does not have. */
const UNSUPPORTED: Readonly<Record<string, string>> = {
  systemsharedmemory: "shared memory",
  cudasharedmemory: "shared memory",
  trace: "trace settings",
  logging: "log settings",
};

/** Answers one request whose path is already split and decoded. Throws ProtocolError. */
export async function route(
  context: NodeContext,
  path: readonly string[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [root, kind] = path;
  if (root === "metrics" && path.length === 1) {
    allow(request, "GET");
    const { type, text } = await metricsText(context.store);
    return sendBody(response, 200, type, text);
  }
  if (root !== "v2") throw notFound();
  if (path.length === 1) {
    allow(request, "GET");
    return sendJson(response, serverMetadata());
  }
  if (kind === "models") return routeModels(context, path, request, response);
  if (kind === "repository") return routeRepository(context, path, request, response);
  if (kind !== undefined && Object.hasOwn(UNSUPPORTED, kind))
    throw new ProtocolError(501, `this node does not support ${UNSUPPORTED[kind]}`);
  throw notFound();
}

/** Health needs no token: probes cannot send one. Returns false for any other path. */
export function routeHealth(
  context: NodeContext,
  path: readonly string[],
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const [root, kind, probe] = path;
  if (root !== "v2" || kind !== "health" || path.length !== 3) return false;
  if (probe !== "live" && probe !== "ready") return false;
  allow(request, "GET");
  const ready = context.isReady();
  sendJson(response, { live: true, ready }, probe === "live" || ready ? 200 : 503);
  return true;
}

async function routeModels(
  context: NodeContext,
  path: readonly string[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [, , first = "", ...rest] = path;
  if (first === "stats" && rest.length === 0) {
    allow(request, "GET");
    return sendJson(response, modelStatistics(context.store, context.store.names()));
  }
  if (rest[0] === "versions" && rest[1] !== undefined) {
    if (rest[1] !== VERSION) throw new ProtocolError(404, `only version ${VERSION} exists here`);
    rest.splice(0, 2);
  }
  const [action, ...excess] = rest;
  if (excess.length > 0) throw notFound();
  if (action === "infer") {
    allow(request, "POST");
    return infer(context, first, request, response);
  }
  if (action !== undefined && !ACTIONS.has(action)) throw notFound();
  allow(request, "GET");
  if (!context.store.isKnown(first)) throw unknownModel(first);
  if (action === "ready") return sendJson(response, { name: first, live: true, ready: true });
  if (action === "stats") return sendJson(response, modelStatistics(context.store, [first]));
  if (action === "config") {
    const config = await context.store.use(first, (model) => modelConfig(first, model));
    return sendJson(response, config);
  }
  const { inputs, outputs } = await context.store.use(first, (model) => model);
  const platform = "onnxruntime_onnx";
  sendJson(response, { name: first, versions: [VERSION], platform, inputs, outputs });
}

async function routeRepository(
  context: NodeContext,
  path: readonly string[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [, , kind, name = "", action] = path;
  if (kind === "index" && path.length === 3) {
    allow(request, "POST");
    const body = await readJson(request);
    return sendJson(response, context.store.index(isObject(body) && body.ready === true));
  }
  if (kind !== "models" || path.length !== 5 || (action !== "load" && action !== "unload"))
    throw notFound();
  allow(request, "POST");
  const body = await readJson(request);
  refuseFiles(body);
  if (action === "load") await context.store.load(parseLoadRequest(name, body));
  else await context.store.unload(name);
  sendJson(response, {});
}

/** Triton takes a model's files within the request; here they come from the artifact store. */
function refuseFiles(body: unknown): void {
  const parameters = isObject(body) ? body.parameters : undefined;
  if (isObject(parameters) && Object.keys(parameters).some((name) => name.startsWith("file:")))
    throw new ProtocolError(501, "files in a load request are not supported: name an artifact");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const body = await readBody(request, CONTROL_BODY_BYTES_MAX);
  if (body.byteLength === 0) return {};
  const parsed = parseProtocolJson(body.toString());
  if (!isObject(parsed) || Array.isArray(parsed))
    throw badRequest("the body must be a JSON object");
  return parsed;
}

function allow(request: IncomingMessage, method: "GET" | "POST"): void {
  if (request.method !== method)
    throw new ProtocolError(405, `this address answers ${method} only`);
}

function notFound(): ProtocolError {
  return new ProtocolError(404, "this address does not exist on an inference node");
}
