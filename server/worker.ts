import { env } from "@/env";
import { cleanIncoming } from "./artifacts";
import { bootRole, homeFolders, loadNodeToken, nodeUrls, roleReady, runMain } from "./boot";
import { openNodes, startScaling } from "./deployments";
import { startWorker } from "./worker/start-worker";

/** What a write left unfinished for this long belongs to a killed process, milliseconds. */
const LEFTOVER_MS = 24 * 60 * 60 * 1000;

/** The worker process: background functions and local training. */
runMain(async () => {
  const settings = env();
  const runtime = await bootRole("worker", 20);
  const nodes = openNodes(runtime, {
    urls: nodeUrls(settings),
    token: await loadNodeToken(settings),
  });
  await cleanIncoming(homeFolders(settings).artifacts, LEFTOVER_MS);
  const worker = await startWorker(runtime, {
    inngest: settings,
    folders: homeFolders(settings),
    url: settings.MODELYARD_URL ?? `http://127.0.0.1:${settings.PORT}`,
    slots: settings.TRAINING_SLOTS,
    python: settings.PYTHON,
    pythonEnv: settings.MODELYARD_PYTHON_ENV,
  });
  const scaling = startScaling(runtime, {
    backend: settings.SCALING_BACKEND,
    nodes,
    nodesMax: settings.NODES_MAX,
    hasPython: settings.PYTHON_NODE,
    group: settings.NODE_GROUP,
    // Without a supervisor there is nobody to start processes.
    send: process.send && ((message) => process.connected && process.send?.(message)),
  });
  runtime.log.info({ slots: settings.TRAINING_SLOTS }, "worker is ready");
  roleReady(async () => {
    await scaling.stop();
    await worker.stop();
    await nodes.close();
    await runtime.close();
  });
});
