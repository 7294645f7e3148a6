import type { LookupFunction } from "node:net";
import { Pool } from "undici";
import type { Departure } from "@/server/kernel/departure";
import type { ModelFormat, ObjectAccess } from "@/server/kernel/ports";
import { FrameClient } from "@/server/node/frames/frame-client";
import type { ModelConfig } from "@/server/node/models/load-request";
import type { IndexEntry } from "@/server/node/models/model-store";
import { QUEUE_HEADER } from "@/server/node/models/queue-id";
import type { modelStatistics } from "@/server/node/stats/model-statistics";
import {
  encodeInferRequest,
  ProtocolError,
  parseInferResponse,
  type Signature,
  type Tensor,
} from "@/server/protocols/open-inference/codec";
import { type Exchange, exchange, type Reply } from "./exchange";
import { NodeFailed, NodeOverloaded, NodeRejected } from "./node-errors";

/** Well below the 65 s after which the node closes idle connections. */
const IDLE_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 2_000;
const CONNECTIONS_MAX = 128;
const REPLY_BYTES_MAX = 256 * 1024 * 1024;
const INFER_TIMEOUT_MS = 10_000;
const LOAD_TIMEOUT_MS = 120_000;
const CONTROL_TIMEOUT_MS = 10_000;

export type NodeClientOptions = {
  /** Base URL; a path in it comes before `/v2`. */
  url: string;
  token?: string | undefined;
  /** Sent with every request, for servers that take credentials of another kind. */
  headers?: Record<string, string> | undefined;
  /** The server may be a node of ours: small requests then go over one connection as frames. */
  frames?: boolean | undefined;
  /** Resolves the host of addresses that users supply. */
  lookup?: LookupFunction | undefined;
};

export type InferOptions = {
  id?: string | undefined;
  /** Milliseconds for the whole call; 10,000 when absent. */
  timeoutMs?: number | undefined;
  /** Names of the outputs wanted; all when absent. */
  outputs?: readonly string[] | undefined;
  /** W3C trace context, passed on. */
  traceparent?: string | undefined;
  /** Of the schedule policy extension: 1 is the highest, 0 or absent the server's default. */
  priority?: number | undefined;
  /** Milliseconds the request may wait in the model's queue; its setting when absent. */
  queueTimeoutMs?: number | undefined;
  /** The number of the queue to wait in, of nodes of ours; the model's own when absent. */
  queue?: number | undefined;
  /** Aborted when nobody waits for the answer any more. */
  signal?: Departure | undefined;
  /** Of the model, in the path; the server's choice when absent. */
  version?: string | undefined;
  /** Binary tensors when absent; servers without that extension take JSON alone. */
  encoding?: "json" | "binary" | undefined;
};

export type InferTimings = {
  /** Milliseconds in the node's queue and in the model; 0 when the server does not tell. */
  queueMs: number;
  computeMs: number;
  /** Rows of all requests that ran in the same call; 0 when the server does not tell. */
  batchRows: number;
};

export type InferAnswer = { tensors: Tensor[]; timings: InferTimings };

export type LoadOptions = {
  /** SHA-256 of the model file, lower-case hex. */
  artifact: string;
  /** What the file is; ONNX when absent. Our node in Node.js refuses all others. */
  format?: ModelFormat | undefined;
  sizeBytes?: number | undefined;
  /** Where the file lies sealed and the key that opens it. */
  access?: ObjectAccess | undefined;
  signature?: Signature | undefined;
  config?: ModelConfig | undefined;
};

export type NodeClient = {
  /** Throws NodeRejected (4xx), NodeOverloaded (503), NodeUnavailable (anything else). */
  infer: (
    model: string,
    tensors: readonly Tensor[],
    options?: InferOptions,
  ) => Promise<InferAnswer>;
  load: (model: string, options: LoadOptions) => Promise<void>;
  /** Done as well when the node does not know the model. */
  unload: (model: string) => Promise<void>;
  /** Whether the node, or the model on it, can take requests; never throws. */
  ready: (model?: string, version?: string) => Promise<boolean>;
  /** What a server says of itself, or of a model on it, as it says it. */
  metadata: (model?: string, version?: string) => Promise<unknown>;
  index: () => Promise<IndexEntry[]>;
  stats: (model?: string) => Promise<ReturnType<typeof modelStatistics>>;
  close: () => Promise<void>;
};

/** A client of one inference node over kept-alive connections. */
export function createNodeClient(options: NodeClientOptions): NodeClient {
  const base = new URL(options.url);
  const pool = new Pool(base.origin, {
    ...(options.lookup ? { connect: { lookup: options.lookup } } : {}),
    connections: CONNECTIONS_MAX,
    pipelining: 1,
    keepAliveTimeout: IDLE_TIMEOUT_MS,
    keepAliveMaxTimeout: IDLE_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    // Each exchange has its own deadline.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const headers: Record<string, string> = {
    ...options.headers,
    ...(options.token === undefined ? {} : { "x-modelyard-node-token": options.token }),
  };
  const call = callerOf(pool, base.pathname.replace(/\/+$/, ""), headers);
  const frames = options.frames ? new FrameClient({ url: base.origin, headers }) : undefined;
  const post = (path: string, value: unknown, timeoutMs = CONTROL_TIMEOUT_MS) =>
    call({
      method: "POST",
      path,
      headers: { "content-type": "application/json" },
      body: Buffer.from(JSON.stringify(value)),
      timeoutMs,
    });

  return {
    infer: (model, tensors, options = {}) =>
      frames?.infer(model, tensors, options) ?? infer(call, model, tensors, options),
    load: async (model, options) => {
      const parameters = {
        artifact: options.artifact,
        format: options.format,
        size_bytes: options.sizeBytes,
        workspace_id: options.access?.workspaceId,
        object_id: options.access?.objectId,
        object_key: options.access?.key,
        signature: options.signature && JSON.stringify(options.signature),
        config: options.config && JSON.stringify(options.config),
      };
      await post(`${repositoryPath(model)}/load`, { parameters }, LOAD_TIMEOUT_MS);
    },
    unload: async (model) => {
      try {
        await post(`${repositoryPath(model)}/unload`, {}, LOAD_TIMEOUT_MS);
      } catch (error) {
        if (!(error instanceof NodeRejected && error.status === 404)) throw error;
      }
    },
    ready: async (model, version) => {
      const path = model === undefined ? "/v2/health/ready" : `${modelPath(model, version)}/ready`;
      return call({ method: "GET", path }).then(
        () => true,
        () => false,
      );
    },
    metadata: async (model, version) => {
      const path = model === undefined ? "/v2" : modelPath(model, version);
      return jsonOf<unknown>(await call({ method: "GET", path }));
    },
    index: async () => jsonOf<IndexEntry[]>(await post("/v2/repository/index", {})),
    stats: async (model) => {
      const path = model === undefined ? "/v2/models/stats" : `${modelPath(model)}/stats`;
      return jsonOf(await call({ method: "GET", path }));
    },
    close: () => {
      frames?.close();
      return pool.close();
    },
  };
}

type Call = (request: Partial<Exchange> & Pick<Exchange, "method" | "path">) => Promise<Reply>;

/** One exchange with the credentials added; whatever is not 200 becomes one of the typed errors. */
function callerOf(pool: Pool, prefix: string, auth: Record<string, string>): Call {
  return async (request) => {
    const reply = await exchange(pool, {
      body: undefined,
      timeoutMs: CONTROL_TIMEOUT_MS,
      replyBytesMax: REPLY_BYTES_MAX,
      ...request,
      path: prefix + request.path,
      headers: { ...auth, ...request.headers },
    });
    if (reply.status === 200) return reply;
    throw refusalOf(reply);
  };
}

async function infer(
  call: Call,
  model: string,
  tensors: readonly Tensor[],
  options: InferOptions,
): Promise<InferAnswer> {
  const { id, outputs, traceparent, signal, timeoutMs = INFER_TIMEOUT_MS } = options;
  const message = encodeInferRequest(
    {
      inputs: tensors,
      ...(id === undefined ? {} : { id }),
      ...(outputs === undefined ? {} : { outputs }),
      ...schedulePolicyOf(options),
    },
    options.encoding ?? "binary",
  );
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (message.headerLength !== undefined) {
    headers["content-type"] = "application/octet-stream";
    headers["inference-header-content-length"] = String(message.headerLength);
  }
  if (traceparent !== undefined) headers.traceparent = traceparent;
  if (options.queue !== undefined) headers[QUEUE_HEADER] = String(options.queue);
  const path = `${modelPath(model, options.version)}/infer`;
  const reply = await call({
    method: "POST",
    path,
    headers,
    body: message.body,
    timeoutMs,
    signal,
  });
  const headerLength = reply.headers["inference-header-content-length"];
  try {
    const limits = { tensorBytesMax: REPLY_BYTES_MAX };
    const { outputs: answer } = parseInferResponse(reply.body, headerLength, limits);
    return { tensors: answer, timings: timingsOf(reply.headers["inference-timing"]) };
  } catch (error) {
    if (error instanceof ProtocolError)
      throw new NodeFailed(`the node's answer cannot be read: ${error.message}`);
    throw error;
  }
}

/** The parameters of the schedule policy extension; `timeout` is in microseconds. */
function schedulePolicyOf({ priority, queueTimeoutMs }: InferOptions) {
  if (!priority && !queueTimeoutMs) return {};
  const parameters = new Map<string, number>();
  if (priority) parameters.set("priority", priority);
  if (queueTimeoutMs) parameters.set("timeout", Math.max(1, Math.round(queueTimeoutMs * 1000)));
  return { parameters };
}

function modelPath(model: string, version?: string): string {
  const path = `/v2/models/${encodeURIComponent(model)}`;
  return version === undefined ? path : `${path}/versions/${encodeURIComponent(version)}`;
}

function repositoryPath(model: string): string {
  return `/v2/repository/models/${encodeURIComponent(model)}`;
}

const TIMING = /^queue=(\d+),compute=(\d+),rows=(\d+)$/;

function timingsOf(header: string | string[] | undefined): InferTimings {
  const [, queue, compute, rows] = TIMING.exec(String(header)) ?? [];
  return {
    queueMs: Number(queue ?? 0) / 1000,
    computeMs: Number(compute ?? 0) / 1000,
    batchRows: Number(rows ?? 0),
  };
}

function refusalOf(reply: Reply): Error {
  const message = errorMessage(reply);
  if (reply.status === 503 || reply.status === 429) {
    const seconds = Number(reply.headers["retry-after"]);
    return new NodeOverloaded(Number.isFinite(seconds) ? seconds : 1, message);
  }
  if (reply.status >= 400 && reply.status < 500) return new NodeRejected(reply.status, message);
  return new NodeFailed(`the node answered ${reply.status}: ${message}`);
}

function errorMessage(reply: Reply): string {
  try {
    const parsed: unknown = JSON.parse(reply.body.toString());
    if (typeof parsed === "object" && parsed !== null && "error" in parsed)
      return String(parsed.error);
  } catch {
    // Other servers answer with no body or with HTML; the status says enough.
  }
  return `status ${reply.status}`;
}

/** The node is our own program: its replies have the shape its routes give them. */
function jsonOf<T>(reply: Reply): T {
  try {
    return JSON.parse(reply.body.toString()) as T;
  } catch (error) {
    throw new NodeFailed("the node's answer is not JSON", { cause: error });
  }
}
