import type { Pool } from "pg";
import { RegistryCache } from "./registry";
import type { Log } from "./types";

/** What every part of the engine shares. */
export interface Core {
  pool: Pool;
  log: Log;
  registry: RegistryCache;
  /** Called after work became due in this process; wakes its executor without a round trip. */
  wake(): void;
  /** Adds a listener of `wake`; answers its removal. */
  onWake(listener: () => void): () => void;
}

const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

export function createCore(pool: Pool, log: Log = SILENT): Core {
  const listeners = new Set<() => void>();
  return {
    pool,
    log,
    registry: new RegistryCache(),
    wake: () => {
      for (const listener of listeners) listener();
    },
    onWake: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
