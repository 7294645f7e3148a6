import type { Hono } from "hono";
import { serve } from "inngest/edge";
import { env } from "@/env";
import { createInngest } from "@/inngest/client";
import { createFunctions } from "@/inngest/functions";
import { homeFolders } from "@/server/boot";
import type { HttpBindings } from "@/server/protocols/rest/mount-routes";
import type { Runtime } from "@/server/runtime";

/**
 * `/api/inngest`: the functions, signed, for a real Inngest server. Without INNGEST_BASE_URL the
 * route does not exist and the worker's embedded executor runs the same functions.
 */
export function mountInngest(app: Hono<HttpBindings>, runtime: Runtime): void {
  const settings = env();
  if (!settings.INNGEST_BASE_URL) return;
  const { client } = createInngest(runtime.db.pool, settings, runtime.log);
  const functions = createFunctions({
    client,
    db: runtime.db,
    jobContext: runtime.jobContext,
    folders: homeFolders(settings),
    log: runtime.log,
  });
  const handle = serve({ client, functions });
  app.on(["GET", "POST", "PUT"], "/api/inngest", (http) => handle(http.req.raw));
}
