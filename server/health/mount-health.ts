import type { Hono } from "hono";
import { Registry } from "prom-client";
import { env } from "@/env";
import { nodeUrls } from "@/server/boot";
import type { HttpBindings } from "@/server/protocols/rest/mount-routes";
import type { Runtime } from "@/server/runtime";
import { checkHealth } from "./check-health";
import { checkScraper } from "./check-scraper";
import { createWebMetrics } from "./metrics";

/**
 * `/health`, `/health/detailed`, `/metrics`, `/version`; open to probes, so they name nobody's data, but
 * for metrics that are told to who shows METRICS_TOKEN.
 */
export function mountHealth(app: Hono<HttpBindings>, runtime: Runtime, extra: Registry[]): void {
  const registry = new Registry();
  const metrics = createWebMetrics(registry, runtime.db.pool);
  app.use(async (http, next) => {
    const startedAt = performance.now();
    await next();
    const route = routeTemplate(http.req.path, http.req.routePath);
    const seconds = (performance.now() - startedAt) / 1000;
    metrics.observe("api", route, http.req.method, http.res.status, seconds);
  });
  app.get("/health", (http) => http.text("OK"));
  app.get("/health/detailed", async (http) => {
    const settings = env();
    const result = await checkHealth(runtime, {
      nodeUrls: nodeUrls(settings),
    });
    return http.json(result, result.status === "ok" ? 200 : 503);
  });
  app.get("/metrics", async (http) => {
    checkScraper(env().METRICS_TOKEN?.reveal(), http.req.header("authorization"));
    const text = await Registry.merge([registry, ...extra]).metrics();
    return http.body(text, 200, { "content-type": registry.contentType });
  });
}

/** The matched template; paths nobody routes share one label. */
function routeTemplate(path: string, matched: string): string {
  if (path.startsWith("/api/trpc/")) return "/api/trpc";
  return matched === "*" || matched === "/*" ? "other" : matched;
}
