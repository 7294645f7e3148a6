import { randomUUID } from "node:crypto";
import { Hono, type Context as HonoContext } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import type { HttpBindings } from "@/server/protocols/rest/mount-routes";
import type { Runtime } from "@/server/runtime";
import { inKnownWords } from "./common-fields";
import type { AnyMlflowRoute } from "./contract";
import { type MlflowCode, MlflowError, toMlflowError } from "./errors";
import { parseMessage } from "./fields";
import { mountParts } from "./multipart-uploads";
import { exportTraces } from "./otlp/export-traces";
import { mountPageFiles } from "./page-files";
import { mountProxiedArtifacts } from "./proxied-artifacts";
import { readRequest } from "./read-request";
import { mlflowRoutes } from "./routes";

/** The version `/version` answers. From 3.4 on clients send spans to /v1/traces. */
export const MLFLOW_VERSION = "3.4.0";

/** Where OpenTelemetry exporters send traces, at the root and below a workspace. */
export const OTLP_ROUTE = { path: "/v1/traces", permission: "experiments:write" } as const;

type Http = HonoContext<HttpBindings>;

/** Where the protocol is served: plain, to browsers, and to one workspace. */
const ROOTS = ["", "/w/:workspace"].flatMap((place) => [`${place}/api`, `${place}/ajax-api`]);

/** MLflow's REST protocol under all its prefixes, to be mounted at the root. */
export function createMlflowApp(runtime: Runtime): Hono<HttpBindings> {
  const app = new Hono<HttpBindings>();

  /** Credentials before, MLflow's own error body after whatever an answer does. */
  const within =
    (answer: (http: Http, ctx: Context) => Promise<Response>, conflict?: MlflowCode) =>
    async (http: Http): Promise<Response> => {
      const requestId = http.get("requestId") ?? randomUUID();
      try {
        return await answer(http, await runtime.authenticate(http.req.raw, requestId));
      } catch (error) {
        return answerError(runtime, http, { error, requestId, conflict });
      }
    };

  for (const route of mlflowRoutes) {
    const answer = within(async (http, ctx) => {
      const reply = await answerRoute(route, http, ctx);
      return reply instanceof Response ? reply : http.json(reply);
    }, route.conflict);
    for (const path of mlflowPaths(route)) app.on(route.methods, path, answer);
  }
  for (const [path, methods] of methodsOf(mlflowRoutes)) {
    app.all(
      path,
      within(async (http) => {
        const message = `${http.req.path} answers ${methods} only.`;
        return http.json({ error_code: "ENDPOINT_NOT_FOUND", message }, 405, { allow: methods });
      }),
    );
  }
  for (const place of ["", "/w/:workspace"]) mountPageFiles(app, place, within);
  const unknown = within(async (http) => {
    throw new MlflowError("ENDPOINT_NOT_FOUND", `There is no ${http.req.method} ${http.req.path}.`);
  });
  for (const root of ROOTS) {
    mountProxiedArtifacts(app, `${root}/2.0`, within);
    mountParts(app, `${root}/2.0`, runtime, (http, error, requestId) =>
      answerError(runtime, http, { error, requestId, conflict: undefined }),
    );
    for (const rest of ["2.0/mlflow", "3.0/mlflow", "2.0/mlflow-artifacts"]) {
      app.all(`${root}/${rest}/*`, unknown);
    }
  }
  for (const place of ["", "/w/:workspace"]) {
    app.post(
      `${place}${OTLP_ROUTE.path}`,
      within(async (http, ctx) => {
        requirePermission(ctx, OTLP_ROUTE.permission);
        return exportTraces(http, ctx);
      }),
    );
    app.get(`${place}/version`, (http) => http.text(MLFLOW_VERSION));
    // Without a workspace it is the product's own.
    if (place) app.get(`${place}/health`, (http) => http.text("OK"));
  }
  return app;
}

/** Every path that one route answers at. */
export function mlflowPaths(route: AnyMlflowRoute): string[] {
  const { path, version = "2.0", isSlashless } = route;
  return ROOTS.flatMap((root) => [
    `${root}/${version}/mlflow${path}`,
    ...(isSlashless ? [`${root}/${version}mlflow${path}`] : []),
  ]);
}

/** Every path with the methods it answers, as an Allow header lists them. */
function methodsOf(routes: AnyMlflowRoute[]): Map<string, string> {
  const all = new Map<string, string[]>();
  for (const route of routes) {
    for (const path of mlflowPaths(route)) {
      const known = [...(all.get(path) ?? []), ...route.methods];
      all.set(path, route.methods.includes("GET") ? [...known, "HEAD"] : known);
    }
  }
  return new Map([...all].map(([path, known]) => [path, known.sort().join(", ")]));
}

async function answerRoute(route: AnyMlflowRoute, http: Http, ctx: Context): Promise<object> {
  requirePermission(ctx, route.permission);
  const body = parseMessage(route.fields, await readRequest(http, route));
  try {
    return await route.handler({ ctx, body, http } as never);
  } catch (error) {
    throw inKnownWords(error, body);
  }
}

function answerError(
  runtime: Runtime,
  http: Http,
  failure: { error: unknown; requestId: string; conflict: MlflowCode | undefined },
): Response {
  const { error, requestId, conflict } = failure;
  const { status, ...body } = toMlflowError(error, requestId, conflict);
  if (body.error_code === "INTERNAL_ERROR") {
    runtime.log.error({ requestId, err: error, path: http.req.path }, "MLflow request failed");
  }
  // The rest of the body stays unread, so the connection cannot carry another request.
  if (status === 413) http.header("connection", "close");
  if (status === 401) http.header("www-authenticate", 'Basic realm="Modelyard"');
  return http.json(body, status as ContentfulStatusCode);
}
