import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import type { Registry } from "prom-client";
import { ZodError } from "zod";
import { mountHealth } from "@/server/health/mount-health";
import { AppError, asAppError, ERRORS, toProblem } from "@/server/kernel/errors";
import { noteAddress } from "@/server/kernel/request-address";
import { callerAddress, noteCall, rateHeaders } from "@/server/limits";
import { mountInngest } from "@/server/protocols/inngest-mount";
import { createMlflowApp } from "@/server/protocols/mlflow";
import { createSignInApp } from "@/server/protocols/web/sign-in-routes";
import type { Runtime } from "@/server/runtime";
import { handleTrpc } from "@/server/trpc/handle-trpc";
import { mountDocs } from "./docs-page";
import { type HttpBindings, invalidInput, mountRoutes } from "./mount-routes";
import { restRoutes } from "./routes";

/** The API lane: every machine-facing route except predictions. */
export function createApiApp(
  runtime: Runtime,
  options: { registries?: Registry[] } = {},
): Hono<HttpBindings> {
  const app = new Hono<HttpBindings>();
  app.use(async (http, next) => {
    const requestId = randomUUID();
    http.set("requestId", requestId);
    const address = callerAddress(
      http.env?.incoming?.socket?.remoteAddress,
      http.req.header("x-forwarded-for"),
      runtime.limits.trustedProxies,
    );
    noteAddress(http.req.raw, address);
    const notes = noteCall(http.req.raw, address);
    await next();
    // Afterwards, for a Response that a handler made itself takes no header from before.
    http.header("x-request-id", requestId);
    if (!http.res.headers.has("cache-control")) http.header("cache-control", "private, no-store");
    http.header("x-content-type-options", "nosniff");
    for (const [name, value] of rateHeaders(notes.verdict)) http.header(name, value);
    const retry = notes.retryAfterSeconds;
    if (retry && http.res.status === 429) http.header("retry-after", String(retry));
  });
  mountHealth(app, runtime, options.registries ?? []);
  mountDocs(app);
  app.route("/", createSignInApp(runtime));
  app.all("/api/trpc/*", (http) => handleTrpc(runtime, http.req.raw, http.get("requestId")));
  mountRoutes(app, "/api/v1", restRoutes, runtime.authenticate, (requestId) => ({
    ...runtime.jobContext("00000000-0000-0000-0000-000000000000", "public"),
    requestId,
  }));
  mountInngest(app, runtime);
  app.route("/", createMlflowApp(runtime));
  app.onError((thrown, http) => {
    const requestId = http.get("requestId");
    const error = thrown instanceof ZodError ? invalidInput("input", thrown) : thrown;
    const problem = toProblem(error, requestId);
    if (problem.status >= 500 && problem.code === "internal") {
      runtime.log.error({ requestId, err: error, path: http.req.path }, "request failed");
    }
    const headers: Record<string, string> = { "content-type": "application/problem+json" };
    if (problem.status === 401) headers["www-authenticate"] = 'Bearer realm="Modelyard"';
    const retry = asAppError(error)?.details.retryAfterSeconds;
    if (retry) headers["retry-after"] = String(retry);
    // What is left of a refused body must not be read as the next request.
    if (problem.status === 413) headers.connection = "close";
    const allow = asAppError(error)?.details.allow;
    if (typeof allow === "string") headers.allow = allow;
    return http.body(JSON.stringify(problem), ERRORS[problem.code].status, headers);
  });
  app.notFound((http) => {
    const problem = toProblem(
      new AppError("not_found", "There is no such route. See /docs/api."),
      http.get("requestId"),
    );
    return http.body(JSON.stringify(problem), 404, { "content-type": "application/problem+json" });
  });
  return app;
}
