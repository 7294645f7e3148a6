import { escapeIdentifier, type Pool, type PoolClient } from "pg";

/**
 * Follows a NOTIFY channel for as long as the process lives. Reconnects by itself; `onConnect` runs
 * after every (re)connection, so that what was missed meanwhile can be read again.
 */
export function listenTo(
  pool: Pool,
  channel: string,
  onMessage: (payload: string) => void,
  onConnect: () => void = () => undefined,
): { close: () => Promise<void> } {
  let closed = false;
  let client: PoolClient | undefined;
  let timer: NodeJS.Timeout | undefined;

  const retry = (): void => {
    client?.release(true);
    client = undefined;
    if (!closed) timer = setTimeout(() => void connect(), 500);
  };

  const connect = async (): Promise<void> => {
    try {
      const fresh = await pool.connect();
      if (closed) return fresh.release();
      client = fresh;
      fresh.on("error", retry);
      fresh.on("notification", (message) => onMessage(message.payload ?? ""));
      await fresh.query(`listen ${escapeIdentifier(channel)}`);
      onConnect();
    } catch {
      retry();
    }
  };

  void connect();
  return {
    close: async () => {
      closed = true;
      clearTimeout(timer);
      client?.release(true);
    },
  };
}
