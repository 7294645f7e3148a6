import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { ProtocolError } from "@/server/protocols/open-inference/codec";
import type { NodeLoad } from "./announce/announcer";
import { FrameServer } from "./frames/frame-server";
import { startNodeGrpc } from "./grpc/start-node-grpc";
import { tokenCheck } from "./http/check-token";
import type { NodeContext } from "./http/node-context";
import { parseTarget } from "./http/parse-target";
import { route, routeHealth } from "./http/routes";
import { sendError } from "./http/send";
import type { ReadArtifact } from "./models/load-model";
import { ModelStore } from "./models/model-store";
import type { NodeLog } from "./node-log";

export type { NodeLog, ReadArtifact };

export type NodeOptions = {
  host: string;
  /** 0 takes a free port. */
  port: number;
  /** Where gRPC answers, 0 for a free port; nowhere when absent. */
  grpcPort?: number | undefined;
  /** Shared secret that every request but health must carry; none means the node is open. */
  token?: string | undefined;
  readArtifact: ReadArtifact;
  /** Bytes of ONNX files that may be in memory at once. */
  cacheBytesMax: number;
  /** Models that may be in memory at once; 10,000 when absent. */
  modelsMax?: number | undefined;
  /** Bytes of one inference request, before and after unpacking. */
  maxBodyBytes: number;
  log: NodeLog;
  /** Threads of one operator; 1 leaves parallelism to more nodes. */
  intraOpThreads?: number | undefined;
};

export type RunningNode = {
  url: string;
  port: number;
  grpcPort: number | undefined;
  /** What it is doing now. */
  load: () => NodeLoad;
  close: () => Promise<void>;
};

/** Clients drop idle connections earlier (see client/), so that none is cut under a request. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;
const HEADER_BYTES_MAX = 16 * 1024;
/** Requests still running this long after `close` are cut off. */
const CLOSE_TIMEOUT_MS = 10_000;

/** Starts an inference node and resolves when it accepts requests. */
export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const { readArtifact, cacheBytesMax, log, intraOpThreads = 1, modelsMax = 10_000 } = options;
  const store = new ModelStore({ readArtifact, cacheBytesMax, modelsMax, intraOpThreads, log });
  let ready = true;
  const context: NodeContext = {
    store,
    bodyBytesMax: options.maxBodyBytes,
    log,
    isReady: () => ready,
  };
  const checkToken = tokenCheck(options.token);
  const server = createServer(
    {
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: 5_000,
      maxHeaderSize: HEADER_BYTES_MAX,
      noDelay: true,
    },
    requestListener(context, checkToken),
  );
  const frames = new FrameServer(context, checkToken);
  server.on("clientError", refuseBrokenRequest);
  server.on("upgrade", frames.accept);
  const port = await listen(server, options.host, options.port);
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  const url = `http://${host}:${port}`;
  const grpc =
    options.grpcPort === undefined
      ? undefined
      : await startNodeGrpc({ host: options.host, port: options.grpcPort, context, checkToken });
  log.info({ url, grpcPort: grpc?.port }, "inference node ready");
  const stop = async () => {
    ready = false;
    frames.stop();
    await grpc?.close();
    await closeServer(server, () => frames.destroy());
    await store.close();
  };
  let closing: Promise<void> | undefined;
  return {
    url,
    port,
    grpcPort: grpc?.port,
    load: () => ({
      inFlight: store.inFlight,
      queued: store.queued,
      models: store.names().length,
      bytesUsed: store.bytesInMemory,
    }),
    close: () => {
      closing ??= stop();
      return closing;
    },
  };
}

function requestListener(context: NodeContext, checkToken: (request: IncomingMessage) => void) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    // While the node stops, each connection ends with the reply it still carries.
    if (!context.isReady()) response.shouldKeepAlive = false;
    answer(context, checkToken, request, response).catch((error: unknown) => {
      if (!(error instanceof ProtocolError))
        context.log.error({ error: errorText(error), url: request.url }, "request failed");
      sendError(response, error);
    });
  };
}

async function answer(
  context: NodeContext,
  checkToken: (request: IncomingMessage) => void,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = parseTarget(request.url ?? "/");
  if (routeHealth(context, path, request, response)) return;
  checkToken(request);
  await route(context, path, request, response);
}

function errorText(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** What is no HTTP at all gets a short answer and the connection is closed. */
function refuseBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const status =
    error.code === "HPE_HEADER_OVERFLOW"
      ? "431 Request Header Fields Too Large"
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? "408 Request Timeout"
        : "400 Bad Request";
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function closeServer(server: Server, cutFrames: () => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.closeAllConnections();
      cutFrames();
    }, CLOSE_TIMEOUT_MS);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
