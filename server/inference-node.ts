import { env } from "@/env";
import { createArtifactReader, openBlobStore } from "./artifacts";
import { homeFolders, loadSecret, nodeToken, roleReady, runMain } from "./boot";
import { createLog } from "./kernel/log";
import { startNode } from "./node/start-node";

/** Largest inference request, bytes. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** The node process: executes models, knows nothing of people, and no key but those that came with its models. */
runMain(async () => {
  const settings = env();
  const secret = await loadSecret(settings);
  const node = await startNode({
    host: settings.HOST,
    port: settings.NODE_PORT,
    token: nodeToken(secret),
    readArtifact: createArtifactReader(openBlobStore(settings, homeFolders(settings).artifacts)),
    cacheBytesMax: settings.NODE_CACHE_BYTES,
    maxBodyBytes: MAX_BODY_BYTES,
    log: createLog("node", settings.LOG_LEVEL),
  });
  roleReady(() => node.close(), { url: node.url });
});
