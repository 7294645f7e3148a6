import next from "next";
import { env } from "@/env";
import { bootRole, loadNodeToken, nodeUrls, roleReady, runMain } from "./boot";
import { openNodes, openPodWatcher } from "./deployments";
import { openPredictions } from "./predictions";
import { setProcessRuntime } from "./process-runtime";
import { setApiLane } from "./protocols/next-mount";
import { openGrpc } from "./protocols/open-inference/grpc";
import { createPredictionLane } from "./protocols/open-inference/lane";
import { createApiApp } from "./protocols/rest/app";
import { startTracing } from "./telemetry/start-tracing";
import { createWebServer, type Lanes, listen } from "./web/create-web-server";

/** The web process: prediction lane, API lane, pages, on one port. */
runMain(async () => {
  const settings = env();
  const collector = settings.OTEL_EXPORTER_OTLP_ENDPOINT;
  const stopTracing = collector && (await startTracing(collector, "modelyard-web"));
  const runtime = await bootRole("web", 20);
  setProcessRuntime(runtime);
  const pages = next({
    dev: settings.NODE_ENV === "development",
    hostname: settings.HOST,
    port: settings.PORT,
  });
  await pages.prepare();
  const nodes = openNodes(runtime, {
    urls: nodeUrls(settings),
    token: await loadNodeToken(settings),
  });
  const pods = openPodWatcher(runtime.log);
  if (pods) runtime.ports.pods = pods;
  const namedMetrics = settings.METRICS_TOKEN !== undefined;
  const gateway = await openPredictions(runtime, nodes, { namedMetrics });
  const api = createApiApp(runtime, { registries: [gateway.metrics.registry] });
  setApiLane((request) => api.fetch(request));
  const isDev = settings.NODE_ENV === "development";
  const server = createWebServer(
    {
      prediction: createPredictionLane({ runtime, gateway }),
      api: api.fetch as Lanes["api"],
      pages: pages.getRequestHandler(),
    },
    { ...settings, isDev },
  );
  // Only the development server speaks over a WebSocket, to the pages it made.
  if (isDev) server.on("upgrade", pages.getUpgradeHandler());
  const port = await listen(server, settings.HOST, settings.PORT);
  const grpc = await openGrpc({
    runtime,
    gateway,
    host: settings.HOST,
    wanted: settings.GRPC_PORT,
  });
  runtime.log.info({ port }, "web is ready");
  roleReady(
    async () => {
      server.close();
      server.closeIdleConnections();
      setTimeout(() => server.closeAllConnections(), 2_000).unref();
      await grpc?.close();
      await pages.close();
      await gateway.close();
      await nodes.close();
      if (stopTracing) await stopTracing();
      await runtime.close();
    },
    { port },
  );
});
