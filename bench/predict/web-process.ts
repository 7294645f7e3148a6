import { createKeyring } from "@/server/artifacts";
import { openNodes } from "@/server/deployments";
import { createLog } from "@/server/kernel/log";
import { openPredictions } from "@/server/predictions";
import { openGrpc } from "@/server/protocols/open-inference/grpc";
import { createPredictionLane } from "@/server/protocols/open-inference/lane";
import { createApiApp } from "@/server/protocols/rest/app";
import { createRuntime } from "@/server/runtime";
import { createWebServer, type Lanes, listen } from "@/server/web/create-web-server";
import { BENCH_SECRET } from "./bench-secret";

/** The web process of the benchmark, without pages: `database-url artifacts-folder node-url`.
 * BENCH_GRPC_PORT has it answer over gRPC, too. */
const [databaseUrl = "", artifactsFolder = "", nodeUrl = ""] = process.argv.slice(2);
const log = createLog("web", "warn");
const runtime = createRuntime({
  databaseUrl,
  artifactsFolder,
  keyring: createKeyring(BENCH_SECRET),
  log,
});
const gateway = await openPredictions(runtime, openNodes(runtime, { urls: [nodeUrl] }));
const server = createWebServer({
  prediction: createPredictionLane({ runtime, gateway }),
  api: createApiApp(runtime).fetch as Lanes["api"],
});
const wanted = Number(process.env.BENCH_GRPC_PORT) || "off";
const grpc = await openGrpc({ runtime, gateway, host: "127.0.0.1", wanted });
const port = await listen(server, "127.0.0.1", 0);
process.send?.(`http://127.0.0.1:${port}`);
process.on("SIGTERM", async () => {
  server.close();
  server.closeAllConnections();
  await grpc?.close();
  await gateway.close();
  process.exit(0);
});
