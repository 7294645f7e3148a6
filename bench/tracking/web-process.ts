import { createKeyring } from "@/server/artifacts";
import { createLog } from "@/server/kernel/log";
import { createApiApp } from "@/server/protocols/rest/app";
import { createRuntime } from "@/server/runtime";
import { createWebServer, type Lanes, listen } from "@/server/web/create-web-server";
import { BENCH_SECRET } from "../predict/bench-secret";

/** The web process of the benchmark, without pages: `database-url artifacts-folder`. */
const [databaseUrl = "", artifactsFolder = ""] = process.argv.slice(2);
const runtime = createRuntime({
  databaseUrl,
  artifactsFolder,
  keyring: createKeyring(BENCH_SECRET),
  log: createLog("web", "warn"),
  // What server/main.ts and env.ts give the real one.
  maxConnections: 20,
  limits: { keyPerSecond: 20_000, workspacePerSecond: 40_000 },
});
const server = createWebServer({ api: createApiApp(runtime).fetch as Lanes["api"] });
const port = await listen(server, "127.0.0.1", 0);
process.send?.(`http://127.0.0.1:${port}`);
process.on("SIGTERM", async () => {
  server.close();
  server.closeAllConnections();
  await runtime.close();
  process.exit(0);
});
