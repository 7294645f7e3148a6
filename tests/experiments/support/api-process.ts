import { createKeyring } from "@/server/artifacts";
import { createLog } from "@/server/kernel/log";
import { createApiApp } from "@/server/protocols/rest/app";
import { createRuntime } from "@/server/runtime";
import { createWebServer, type Lanes, listen } from "@/server/web/create-web-server";
import { TEST_SECRET } from "../../support/test-secret";

/** The web process without pages, to be killed: `database-url artifacts-folder port`. */
const [databaseUrl = "", artifactsFolder = "", port = "0"] = process.argv.slice(2);
const runtime = createRuntime({
  databaseUrl,
  artifactsFolder,
  keyring: createKeyring(TEST_SECRET),
  secret: TEST_SECRET,
  log: createLog("web", "silent"),
});
const server = createWebServer({ api: createApiApp(runtime).fetch as Lanes["api"] });
await listen(server, "127.0.0.1", Number(port));
process.stdout.write("ready\n");
