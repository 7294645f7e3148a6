import type { NodeLog } from "@/server/node/node-log";

/** How long a word of the node may take, and its last one, milliseconds. */
const TIMEOUT_MS = 5_000;
const LAST_WORD_MS = 1_000;
/** Between two words until the gateway says another interval. */
const HEARTBEAT_MS = 2_000;

/** What the node is doing now. */
export interface NodeLoad {
  /** Requests at work, and of these how many wait for their model. */
  inFlight: number;
  queued: number;
  models: number;
  /** Of model files in memory. */
  bytesUsed: number;
}

export interface AnnouncerOptions {
  /** Base URL of the product. */
  gateway: string;
  token: string;
  /** Where gateways reach this node. */
  url: string;
  labels: Record<string, string>;
  device: "cpu" | "cuda";
  memoryBytes: number;
  modelsMax: number;
  version: string;
  load: () => NodeLoad;
  log: NodeLog;
}

/**
 * Tells a gateway every few seconds that this node is there, for as long as it lives. A gateway that
 * is away is asked again; the node answers requests meanwhile. `close` says goodbye.
 */
export function announceTo(options: AnnouncerOptions): { close: () => Promise<void> } {
  const { log, gateway } = options;
  let intervalMs = HEARTBEAT_MS;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let wasHeard: boolean | undefined;

  const beat = async (): Promise<void> => {
    const reason = await say(options, false, TIMEOUT_MS).then(
      (reply) => {
        intervalMs = reply.heartbeatMs;
        return undefined;
      },
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    if (closed) return;
    if (reason === undefined && wasHeard !== true) log.info({ url: gateway }, "registered");
    if (reason !== undefined && wasHeard !== false)
      log.warn(
        { url: gateway, reason },
        "the gateway does not take the registration, trying again",
      );
    wasHeard = reason === undefined;
    timer = setTimeout(() => void beat(), intervalMs);
  };
  void beat();
  return {
    close: async () => {
      closed = true;
      clearTimeout(timer);
      if (wasHeard) await say(options, true, LAST_WORD_MS).catch(() => undefined);
    },
  };
}

async function say(
  options: AnnouncerOptions,
  leaving: boolean,
  timeoutMs: number,
): Promise<{ heartbeatMs: number }> {
  const { gateway, token, load, log: _log, ...facts } = options;
  const reply = await fetch(new URL("/api/v1/nodes/announce", gateway), {
    method: "POST",
    redirect: "error",
    headers: { "content-type": "application/json", "x-modelyard-node-token": token },
    body: JSON.stringify({ ...facts, load: load(), leaving }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`it answered ${reply.status}: ${text.slice(0, 300)}`);
  const said = JSON.parse(text) as { heartbeatMs?: unknown };
  const { heartbeatMs } = said;
  return { heartbeatMs: typeof heartbeatMs === "number" ? heartbeatMs : HEARTBEAT_MS };
}
