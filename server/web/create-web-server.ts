import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";

export type NodeHandler = (req: IncomingMessage, res: ServerResponse) => unknown;

/** The three lanes, in the order a request is offered to them. */
export interface Lanes {
  /** Answers true when the request was its own; runs on the bare Node request. */
  prediction?: (req: IncomingMessage, res: ServerResponse) => boolean;
  /** A Hono app's fetch. */
  api: (request: Request, bindings: never) => Response | Promise<Response>;
  /** Pages, assets and sign-in; without it every other path is the API's to refuse. */
  pages?: NodeHandler;
}

/** Paths of the API lane; everything else belongs to pages. */
const API_PREFIXES = [
  "/api/v1/",
  "/api/trpc/",
  "/api/2.0/",
  "/ajax-api/",
  "/api/inngest",
  "/v2/",
  "/w/",
  "/docs/api",
  "/openapi.json",
  "/signin/link",
  "/health",
  "/metrics",
  "/version",
];

const isApi = (path: string): boolean =>
  path === "/api/v1" || path === "/v2" || API_PREFIXES.some((prefix) => path.startsWith(prefix));

/** One HTTP server over the lanes. Headers are limited to 16 KiB, slow senders are cut off. */
export function createWebServer(lanes: Lanes): Server {
  const api = getRequestListener(lanes.api as Parameters<typeof getRequestListener>[0], {
    overrideGlobalObjects: false,
  });
  const server = createServer({ maxHeaderSize: 16 * 1024 }, (req, res) => {
    if (lanes.prediction?.(req, res)) return;
    const path = req.url ?? "/";
    if (!lanes.pages || isApi(path)) void api(req, res);
    else lanes.pages(req, res);
  });
  server.headersTimeout = 20_000;
  server.requestTimeout = 600_000;
  server.keepAliveTimeout = 65_000;
  return server;
}

/** Starts listening; answers the port taken. */
export function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : port);
    });
  });
}
