import pino from "pino";
import { createApiApp } from "@/server/protocols/rest/app";
import { createRuntime, type Runtime } from "@/server/runtime";
import { createWebServer, type Lanes, listen } from "@/server/web/create-web-server";
import { TEST_SECRET } from "./test-secret";
import { type TestWorld, testKeyring } from "./workspace";

export interface TestServer {
  url: string;
  runtime: Runtime;
  close(): Promise<void>;
}

/** The product's HTTP face on a real socket: API lane, and the prediction lane when one is given. */
export async function startTestServer(
  world: TestWorld,
  lane?: (runtime: Runtime) => Lanes["prediction"],
  options: Partial<Parameters<typeof createRuntime>[0]> = {},
): Promise<TestServer> {
  const runtime = createRuntime({
    databaseUrl: world.db.url,
    artifactsFolder: world.artifactsFolder,
    keyring: testKeyring(),
    secret: TEST_SECRET,
    allowPrivateAddresses: true,
    ...options,
    log: pino({ level: process.env.TEST_LOG_LEVEL ?? "silent" }),
  });
  const prediction = lane?.(runtime);
  const server = createWebServer(
    {
      api: createApiApp(runtime).fetch as Lanes["api"],
      ...(prediction ? { prediction } : {}),
    },
    { HOST: "localhost", MODELYARD_URL: options.publicUrl },
  );
  const port = await listen(server, "127.0.0.1", 0);
  return {
    url: `http://127.0.0.1:${port}`,
    runtime,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await runtime.close();
    },
  };
}
