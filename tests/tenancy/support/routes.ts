import type { Hono } from "hono";
import type { Permission } from "@/server/access/constants";
import { mlflowPaths, OTLP_ROUTE } from "@/server/protocols/mlflow/app";
import { PAGE_FILE_ROUTES } from "@/server/protocols/mlflow/page-files";
import { PROXIED_ROUTES } from "@/server/protocols/mlflow/proxied-artifacts";
import { mlflowRoutes } from "@/server/protocols/mlflow/routes";
import { V2_PERMISSIONS } from "@/server/protocols/open-inference/lane/parse-path";
import { restRoutes } from "@/server/protocols/rest/routes";
import { appRouter } from "@/server/trpc/root";

export type Adapter = "REST" | "tRPC" | "MLflow" | "Open Inference";

/** One route of one adapter; `path` holds {placeholders}. */
export interface ListedRoute {
  adapter: Adapter;
  name: string;
  method: string;
  path: string;
  /** undefined: it declares none. null: it declares that it needs none. */
  permission: Permission | null | undefined;
}

const braces = (path: string): string =>
  path.replaceAll(/:(\w+)(\{[^}]*\})?/g, "{$1}").replace(/\*$/, "{rest}");

/** The REST contracts, as they are mounted. */
const rest = (): ListedRoute[] =>
  restRoutes.map((route) => ({
    adapter: "REST",
    name: route.operationId,
    method: route.method.toUpperCase(),
    path: `/api/v1${route.path.replaceAll("+}", "}")}`,
    permission: route.permission,
  }));

interface Procedure {
  _def: { type: string; meta?: { permission?: Permission } };
}

const trpc = (): ListedRoute[] =>
  Object.entries(appRouter._def.procedures as unknown as Record<string, Procedure>).map(
    ([name, { _def }]) => ({
      adapter: "tRPC",
      name,
      method: _def.type === "mutation" ? "POST" : "GET",
      path: `/api/trpc/${name}`,
      permission: _def.meta?.permission,
    }),
  );

/** Under one prefix; the others mount the same app. */
const mlflow = (): ListedRoute[] => [
  ...mlflowRoutes.flatMap((route) =>
    route.methods.map(
      (method): ListedRoute => ({
        adapter: "MLflow",
        name: `${method} ${route.path}`,
        method,
        path: `/api/${route.version ?? "2.0"}/mlflow${braces(route.path)}`,
        permission: route.permission,
      }),
    ),
  ),
  ...PROXIED_ROUTES.map(
    (route): ListedRoute => ({
      adapter: "MLflow",
      name: `${route.method} ${route.path}`,
      method: route.method,
      path: `/api/2.0${braces(route.path)}`,
      permission: route.permission,
    }),
  ),
  ...PAGE_FILE_ROUTES.map(
    (route): ListedRoute => ({
      adapter: "MLflow",
      name: `${route.method} ${route.path}`,
      method: route.method,
      path: braces(route.path),
      permission: route.permission,
    }),
  ),
  {
    adapter: "MLflow",
    name: `POST ${OTLP_ROUTE.path}`,
    method: "POST",
    path: OTLP_ROUTE.path,
    permission: OTLP_ROUTE.permission,
  },
];

const V2_PATHS: Record<keyof typeof V2_PERMISSIONS, [method: string, paths: string[]]> = {
  server: ["GET", ["/v2"]],
  live: ["GET", ["/v2/health/live"]],
  ready: ["GET", ["/v2/health/ready"]],
  metadata: ["GET", ["/v2/models/{deployment}", "/v2/models/{deployment}/versions/{v}"]],
  modelReady: [
    "GET",
    ["/v2/models/{deployment}/ready", "/v2/models/{deployment}/versions/{v}/ready"],
  ],
  infer: ["POST", ["/v2/models/{deployment}/infer", "/v2/models/{deployment}/versions/{v}/infer"]],
  config: [
    "GET",
    ["/v2/models/{deployment}/config", "/v2/models/{deployment}/versions/{v}/config"],
  ],
  stats: ["GET", ["/v2/models/{deployment}/stats", "/v2/models/{deployment}/versions/{v}/stats"]],
  allStats: ["GET", ["/v2/models/stats"]],
  index: ["POST", ["/v2/repository/index"]],
};

const openInference = (): ListedRoute[] =>
  Object.entries(V2_PATHS).flatMap(([kind, [method, paths]]) =>
    paths.map(
      (path): ListedRoute => ({
        adapter: "Open Inference",
        name: `${method} ${path}`,
        method,
        path,
        permission: V2_PERMISSIONS[kind as keyof typeof V2_PERMISSIONS],
      }),
    ),
  );

/** Every route of every adapter, read from the adapters. */
export const listRoutes = (): ListedRoute[] => [
  ...rest(),
  ...trpc(),
  ...mlflow(),
  ...openInference(),
];

/** What needs no credentials, by name. Whoever adds one writes it here, and says why in review. */
export const PUBLIC_ROUTES: Partial<Record<Adapter, string[]>> = {
  // Shows the installation's node token instead.
  REST: ["announceNode", "readNodeArtifact"],
  tRPC: ["access.session", "access.signInProviders"],
  "Open Inference": ["GET /v2", "GET /v2/health/live", "GET /v2/health/ready"],
};

/** Routes of the HTTP app that stand in no adapter's table; all need no credentials. */
export const BARE_ROUTES = [
  "GET /health",
  "GET /health/detailed",
  "GET /metrics",
  "GET /version",
  "GET /w/:workspace/version",
  "GET /w/:workspace/health",
  "GET /docs/api",
  "GET /docs/api/reference.js",
  "GET /openapi.json",
  "GET /signin/link",
  "POST /signin/link",
];

/** Catch-alls of adapters: they answer for what no table holds, behind credentials. */
const CATCH_ALLS =
  /^ALL (\/api\/trpc\/\*|(\/w\/:workspace)?(\/api|\/ajax-api)\/[23]\.0\/mlflow(-artifacts)?\/\*)$/;
const MLFLOW_ROOTS = ["/api", "/ajax-api", "/w/:workspace/api", "/w/:workspace/ajax-api"];

/** Routes of the app that no table, list or catch-all knows. */
export function unlistedRoutes(app: Hono<never>): string[] {
  const known = new Set([
    ...BARE_ROUTES,
    ...restRoutes.map((route) => {
      const path = route.path.replaceAll(/\{(\w+)\+\}/g, ":$1{.+}").replaceAll(/\{(\w+)\}/g, ":$1");
      return `${route.method.toUpperCase()} /api/v1${path}`;
    }),
    ...mlflowRoutes.flatMap((route) =>
      route.methods.flatMap((method) => mlflowPaths(route).map((path) => `${method} ${path}`)),
    ),
    // Parts of an upload come with a sealed token of their own.
    ...MLFLOW_ROOTS.map((root) => `PUT ${root}/2.0/mlflow-artifacts/parts/:number`),
    ...["", "/w/:workspace"].map((place) => `POST ${place}${OTLP_ROUTE.path}`),
    ...["", "/w/:workspace"].flatMap((place) =>
      PAGE_FILE_ROUTES.map(({ method, path }) => `${method} ${place}${path}`),
    ),
    ...MLFLOW_ROOTS.flatMap((root) =>
      PROXIED_ROUTES.map(({ method, path }) => `${method} ${root}/2.0${path}`),
    ),
  ]);
  // Beside each path stands what refuses its other methods with 405.
  const nameless = (one: string) => one.replaceAll(/:\w+/g, ":x");
  const refusers = new Set([...known].map((one) => nameless(one.replace(/^\w+ /, "ALL "))));
  return app.routes
    .map(({ method, path }) => `${method} ${path}`)
    .filter((one) => one !== "ALL /*" && !known.has(one) && !CATCH_ALLS.test(one))
    .filter((one) => !refusers.has(nameless(one)));
}
