import next from "next";
import { env } from "@/env";
import { bootRole, roleReady, runMain } from "./boot";
import { setProcessRuntime } from "./process-runtime";
import { setApiLane } from "./protocols/next-mount";
import { createApiApp } from "./protocols/rest/app";
import { createWebServer, type Lanes, listen } from "./web/create-web-server";

/** The web process: prediction lane, API lane, pages, on one port. */
runMain(async () => {
  const settings = env();
  const runtime = await bootRole("web", 20);
  setProcessRuntime(runtime);
  const pages = next({
    dev: settings.NODE_ENV === "development",
    hostname: settings.HOST,
    port: settings.PORT,
  });
  await pages.prepare();
  const api = createApiApp(runtime);
  setApiLane((request) => api.fetch(request));
  const server = createWebServer({
    api: api.fetch as Lanes["api"],
    pages: pages.getRequestHandler(),
  });
  server.on("upgrade", pages.getUpgradeHandler());
  const port = await listen(server, settings.HOST, settings.PORT);
  runtime.log.info({ port }, "web is ready");
  roleReady(
    async () => {
      server.close();
      server.closeIdleConnections();
      setTimeout(() => server.closeAllConnections(), 2_000).unref();
      await pages.close();
      await runtime.close();
    },
    { port },
  );
});
