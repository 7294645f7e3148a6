import { startScaling } from "@/server/deployments";
import { createRuntime } from "@/server/runtime";
import { testKeyring } from "../../support/workspace";
import { openPool, silent } from "./deployed-world";

/** A worker that does nothing but decide on replicas, to be killed: `database-url artifacts-folder node-urls`. */
const [databaseUrl = "", artifactsFolder = "", nodeUrls = ""] = process.argv.slice(2);
const runtime = createRuntime({
  databaseUrl,
  artifactsFolder,
  keyring: testKeyring(),
  log: silent,
  maxConnections: 4,
});
const nodes = openPool(nodeUrls.split(","), runtime.ports.objects);
runtime.ports.nodes = nodes;
startScaling(runtime, {
  backend: "fixed",
  nodes,
  nodesMax: 1,
  hasPython: false,
  group: undefined,
  send: undefined,
  lookMs: 100,
});
process.send?.("ready");
