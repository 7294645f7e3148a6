import { archivePredictions } from "@/server/predictions";
import { createRuntime } from "@/server/runtime";
import { silent } from "../../deployments/support/deployed-world";
import { testKeyring } from "../../support/workspace";

const [databaseUrl = "", artifactsFolder = "", workspaceId = ""] = process.argv.slice(2);

/** Archives one workspace's log and ends; tests kill it on the way. */
const runtime = createRuntime({
  ...{ databaseUrl, artifactsFolder, keyring: testKeyring(), log: silent, maxConnections: 4 },
});
process.send?.("began");
await archivePredictions(runtime.jobContext(workspaceId, "test"));
process.send?.("done");
process.disconnect();
await runtime.close();
