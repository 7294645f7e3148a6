import type { Inngest, InngestFunction } from "inngest";
import {
  createEmbeddedExecutor,
  createEmbeddedTransport,
  type EmbeddedExecutor,
  type ExecutorOptions,
  listRuns,
  type RunSummary,
} from "@/inngest/embedded";
import type { TestDatabase } from "../support/database";
import { until } from "./driver";
import { createClient, SILENT } from "./embedded-driver";

/** Executors and producers on one test database. */
export class Bench {
  private readonly executors: EmbeddedExecutor[] = [];

  constructor(readonly db: TestDatabase) {}

  /** One more executor, for functions of this client. */
  async startExecutor(
    client: Inngest,
    transport: ExecutorOptions["transport"],
    functions: InngestFunction.Any[],
    options: Partial<ExecutorOptions> = {},
  ): Promise<EmbeddedExecutor> {
    const executor = createEmbeddedExecutor({
      pool: this.db.pool,
      client,
      functions,
      transport,
      log: SILENT,
      pollMs: 50,
      retryDelayMs: () => 10,
      ...options,
    });
    this.executors.push(executor);
    await executor.start();
    return executor;
  }

  /** A client of an app of its own. */
  producer() {
    const transport = createEmbeddedTransport({ pool: this.db.pool, log: SILENT });
    return { transport, client: createClient(transport) };
  }

  /** The first run of an event, once it has ended. */
  ended(eventId = ""): Promise<RunSummary> {
    return until(async () => {
      const [run] = await listRuns(this.db.pool, { eventId }).catch(() => []);
      return run?.endedAt ? run : undefined;
    });
  }

  async close(): Promise<void> {
    for (const executor of this.executors) await executor.stop();
    await this.db.close();
  }
}
