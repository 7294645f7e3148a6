import type { Pool } from "pg";
import { listenTo } from "@/db/listen";
import { CHANGES_CHANNEL, type ChangeTopic } from "@/server/kernel/announce-change";

export interface Change {
  topic: ChangeTopic;
  id: string;
}

type Listener = (change: Change) => void;

/** Hands the changes that Postgres announces to the open pages of their workspace. */
export class ChangeHub {
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly connection: { close: () => Promise<void> };

  constructor(pool: Pool) {
    this.connection = listenTo(pool, CHANGES_CHANNEL, (payload) => {
      const [workspaceId = "", topic = "", id = ""] = payload.split(" ", 3);
      for (const listener of this.listeners.get(workspaceId) ?? []) {
        listener({ topic: topic as ChangeTopic, id });
      }
    });
  }

  /** Yields the changes of a workspace until the signal ends it; bursts of one id are merged. */
  async *follow(workspaceId: string, signal: AbortSignal | undefined): AsyncGenerator<Change> {
    const pending = new Map<string, Change>();
    let wake: () => void = () => undefined;
    const listener: Listener = (change) => {
      pending.set(`${change.topic} ${change.id}`, change);
      wake();
    };
    const stop = (): void => wake();
    this.add(workspaceId, listener);
    signal?.addEventListener("abort", stop);
    try {
      while (!signal?.aborted) {
        const [next] = pending;
        if (!next) {
          await new Promise<void>((resolve) => {
            wake = resolve;
            if (pending.size > 0 || signal?.aborted) resolve();
          });
          continue;
        }
        pending.delete(next[0]);
        yield next[1];
      }
    } finally {
      signal?.removeEventListener("abort", stop);
      this.listeners.get(workspaceId)?.delete(listener);
    }
  }

  private add(workspaceId: string, listener: Listener): void {
    const set = this.listeners.get(workspaceId) ?? new Set();
    set.add(listener);
    this.listeners.set(workspaceId, set);
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}
