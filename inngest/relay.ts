import type { Pool } from "pg";
import { listenTo } from "@/db/listen";
import { OUTBOX_CHANNEL } from "@/server/kernel/emit-event";
import type { Log } from "@/server/kernel/log";

const BATCH = 100;
const POLL_MS = 1_000;
/** An event that cannot be sent is tried again after this, and blocks no other meanwhile. */
const RETRY_MS = 15_000;

interface OutboxRow {
  id: string;
  name: string;
  data: Record<string, unknown>;
  created_at: Date;
}

export interface OutgoingEvent {
  id: string;
  name: string;
  data: Record<string, unknown>;
  /** Milliseconds since the epoch. */
  ts: number;
}

/**
 * Sends what verbs wrote to the outbox, in order, with the row's id as event id: a row that is sent
 * twice (a crash between sending and noting it, several workers) is one event to the receiver.
 */
export class OutboxRelay {
  private readonly connection: { close: () => Promise<void> };
  private readonly timer: NodeJS.Timeout;
  /** Rows that could not be sent, with the time of their next try. */
  private readonly refused = new Map<string, number>();
  private running: Promise<void> | undefined;
  private again = false;
  private closed = false;

  constructor(
    private readonly pool: Pool,
    private readonly send: (events: OutgoingEvent[]) => Promise<unknown>,
    private readonly log: Log,
  ) {
    this.connection = listenTo(
      pool,
      OUTBOX_CHANNEL,
      () => this.wake(),
      () => this.wake(),
    );
    this.timer = setInterval(() => this.wake(), POLL_MS);
  }

  /** Sends no more; what is under way is waited for. */
  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.timer);
    await this.connection.close();
    await this.running;
  }

  private wake(): void {
    if (this.closed) return;
    if (this.running) {
      this.again = true;
      return;
    }
    this.again = false;
    this.running = this.drain()
      .catch((error: unknown) => this.log.warn({ err: error }, "the outbox cannot be read"))
      .finally(() => {
        this.running = undefined;
        if (this.again) this.wake();
      });
  }

  private async drain(): Promise<void> {
    let full = true;
    while (full && !this.closed) {
      const limit = BATCH + this.refused.size;
      const { rows } = await this.pool.query<OutboxRow>(
        "select id, name, data, created_at from unsent_outbox($1)",
        [limit],
      );
      const now = Date.now();
      const ready = rows.filter((row) => (this.refused.get(row.id) ?? 0) <= now);
      const sent = await this.sendAll(ready);
      if (sent.length > 0) await this.pool.query("select mark_outbox_sent($1)", [sent]);
      full = rows.length === limit && sent.length > 0;
    }
  }

  /** Sends in one call; when that fails, one by one, so that a bad event stops only itself. */
  private async sendAll(rows: OutboxRow[]): Promise<string[]> {
    if (rows.length === 0) return [];
    if (await this.trySend(rows)) return rows.map((row) => row.id);
    const sent: string[] = [];
    for (const row of rows) {
      if (await this.trySend([row])) sent.push(row.id);
      else this.refused.set(row.id, Date.now() + RETRY_MS);
    }
    return sent;
  }

  private async trySend(rows: OutboxRow[]): Promise<boolean> {
    try {
      await this.send(
        rows.map(({ id, name, data, created_at }) => ({
          id,
          name,
          data,
          ts: created_at.getTime(),
        })),
      );
      for (const { id } of rows) this.refused.delete(id);
      return true;
    } catch (error) {
      const names = rows.map((row) => row.name).slice(0, 5);
      this.log.warn({ err: error, events: rows.length, names }, "events could not be sent");
      return false;
    }
  }
}
