import { EnvError, env } from "@/env";
import { createArtifactReader, openBlobStore } from "./artifacts";
import { homeFolders, loadNodeToken, roleReady, runMain } from "./boot";
import { createLog } from "./kernel/log";
import { announceTo } from "./node/announce/announcer";
import { type NodeFlags, readNodeFlags } from "./node/announce/read-flags";
import { startNode } from "./node/start-node";
import { startTracing } from "./telemetry/start-tracing";

/** Largest inference request, bytes. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;
const VERSION = "modelyard-node 1, Open Inference Protocol V2";

/** The node process: executes models, knows nothing of people, and no key but those that came with its models. */
runMain(async () => {
  const flags = readFlags();
  const settings = env();
  const token = await loadNodeToken(settings);
  if (flags.printToken) {
    process.stdout.write(`${token}\n`);
    return;
  }
  const gateway = flags.register ?? settings.NODE_REGISTER;
  const isEverywhere = ["0.0.0.0", "::"].includes(settings.HOST);
  if (gateway && !flags.url && isEverywhere && !isThisMachine(gateway)) {
    throw new EnvError("Say with --url where gateways reach this node.");
  }
  const collector = settings.OTEL_EXPORTER_OTLP_ENDPOINT;
  const stopTracing = collector && (await startTracing(collector, "modelyard-node"));
  const log = createLog("node", settings.LOG_LEVEL);
  const node = await startNode({
    host: settings.HOST,
    port: settings.NODE_PORT,
    token,
    readArtifact: createArtifactReader(openBlobStore(settings, homeFolders(settings).artifacts)),
    cacheBytesMax: settings.NODE_CACHE_BYTES,
    modelsMax: settings.NODE_MODELS_MAX,
    grpcPort: settings.GRPC_NODE_PORT,
    maxBodyBytes: MAX_BODY_BYTES,
    log,
  });
  const announcer =
    gateway === undefined
      ? undefined
      : announceTo({
          gateway,
          token,
          url: flags.url ?? (isEverywhere ? `http://127.0.0.1:${node.port}` : node.url),
          labels: flags.labels,
          device: "cpu",
          memoryBytes: settings.NODE_CACHE_BYTES,
          modelsMax: settings.NODE_MODELS_MAX,
          version: VERSION,
          load: node.load,
          log,
        });
  const close = async (): Promise<void> => {
    // Gateways stop sending before the last requests are answered.
    await announcer?.close();
    await node.close();
    if (stopTracing) await stopTracing();
  };
  roleReady(close, { url: node.url });
});

const isThisMachine = (url: string): boolean =>
  ["127.0.0.1", "localhost", "[::1]"].includes(new URL(url).hostname);

function readFlags(): NodeFlags {
  try {
    return readNodeFlags(process.argv.slice(2));
  } catch (error) {
    throw new EnvError(error instanceof Error ? error.message : String(error));
  }
}
