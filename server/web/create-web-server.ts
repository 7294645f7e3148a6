import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { createGate, type GateSettings, pathOf } from "./browser-gate";
import { pagePolicy, securityHeaders } from "./security-headers";

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
  "/api/2.0mlflow/",
  "/api/3.0/",
  "/ajax-api/",
  "/api/inngest",
  "/v1/traces",
  "/v2/",
  "/w/",
  "/docs/api",
  "/openapi.json",
  "/signin/link",
  "/health",
  "/metrics",
  "/version",
];

/** Single paths of the API lane. */
const API_PATHS = ["/api/v1", "/v2", "/graphql", "/get-artifact", "/model-versions/get-artifact"];

/** Where MLflow clients whose tracking URI names a workspace say that its runs can be seen. */
const WORKSPACE_PAGE = /^\/w\/[^/]+\/?$/;

const isApi = (path: string): boolean =>
  API_PATHS.includes(path) ||
  (API_PREFIXES.some((prefix) => path.startsWith(prefix)) && !WORKSPACE_PAGE.test(path));

/**
 * One HTTP server over the lanes. Headers are limited to 16 KiB, slow senders are cut off; what
 * comes from browsers passes the gate first.
 */
export function createWebServer(
  lanes: Lanes,
  settings: GateSettings = { HOST: "localhost" },
): Server {
  const gate = createGate(settings);
  const headers = securityHeaders(settings.MODELYARD_URL?.startsWith("https:") ?? false);
  const api = getRequestListener(lanes.api as Parameters<typeof getRequestListener>[0], {
    overrideGlobalObjects: false,
  });
  const server = createServer({ maxHeaderSize: 16 * 1024 }, (req, res) => {
    if (lanes.prediction?.(req, res)) return;
    for (const [name, value] of headers) res.setHeader(name, value);
    const path = pathOf(req);
    const isPage = lanes.pages !== undefined && !isApi(path);
    if (gate(req, res, isPage)) return;
    if (!lanes.pages || !isPage) return void api(req, res);
    if (!path.startsWith("/_next/")) secure(req, res, path, settings.isDev ?? false);
    return void lanes.pages(req, res);
  });
  server.headersTimeout = 20_000;
  server.requestTimeout = 600_000;
  server.keepAliveTimeout = 65_000;
  return server;
}

/** Gives a page its policy. Next reads the nonce from the request, so nobody else may set it. */
function secure(req: IncomingMessage, res: ServerResponse, path: string, isDev: boolean): void {
  const isSignIn = path === "/signin" || path.startsWith("/api/auth/");
  const { nonce, policy } = pagePolicy({ isDev, isSignIn });
  delete req.headers["content-security-policy-report-only"];
  req.headers["content-security-policy"] = policy;
  req.headers["x-nonce"] = nonce;
  res.setHeader("content-security-policy", policy);
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
