import { performance } from "node:perf_hooks";
import type { Database } from "@/db/client";
import type { NodePool } from "@/server/deployments";
import type { Log } from "@/server/kernel/log";
import type { Tensor } from "@/server/protocols/open-inference/codec";
import type { GatewayAnswer } from "../gateway/deployment-flow";
import type { Variant } from "../gateway/routing-table";
import { compareOutputs } from "./compare-outputs";
import { ComparisonBook } from "./comparison-book";
import { describeFirstRow } from "./describe-first-row";
import { writeComparison } from "./write-comparisons";

/** Copies at work at once, and those that may wait; more are dropped and counted. */
const AT_WORK_MAX = 8;
const WAITING_MAX = 256;
const WAITING_BYTES_MAX = 32 * 1024 * 1024;
const FLUSH_MS = 1_000;

interface Copy {
  shadow: Variant;
  primary: Variant;
  tensors: readonly Tensor[];
  outputs: readonly string[] | undefined;
  answer: GatewayAnswer;
  bytes: number;
}

interface Options {
  db: Database;
  nodes: Pick<NodePool, "infer">;
  log: Pick<Log, "warn">;
}

/** Sends copies of answered requests to shadow variants and compares what they would have said. */
export class ShadowSender {
  private readonly book = new ComparisonBook();
  private waiting: Copy[] = [];
  private bytes = 0;
  private atWork = 0;
  private timer: NodeJS.Timeout | undefined;
  private flushing: Promise<void> = Promise.resolve();

  constructor(private readonly options: Options) {}

  /** Never throws and never waits; the copies leave after the turn in which the reply is sent. */
  offer(
    primary: Variant,
    tensors: readonly Tensor[],
    outputs: readonly string[] | undefined,
    answer: GatewayAnswer,
  ): void {
    const bytes = tensors.reduce((sum, { data }) => sum + 8 * data.length, 1_000);
    for (const shadow of primary.route.shadows) {
      this.timer ??= setTimeout(() => void this.flush(), FLUSH_MS);
      if (this.waiting.length >= WAITING_MAX || this.bytes + bytes > WAITING_BYTES_MAX) {
        this.book.dropped(placeOf(shadow), Date.now());
        continue;
      }
      this.waiting.push({ shadow, primary, tensors, outputs, answer, bytes });
      this.bytes += bytes;
      setImmediate(() => this.pump());
    }
  }

  private pump(): void {
    while (this.atWork < AT_WORK_MAX) {
      const copy = this.waiting.shift();
      if (!copy) return;
      this.bytes -= copy.bytes;
      this.atWork++;
      void this.compare(copy).finally(() => {
        this.atWork--;
        this.pump();
      });
    }
  }

  private async compare({ shadow, primary, tensors, outputs, answer }: Copy): Promise<void> {
    const place = placeOf(shadow);
    const { routing, logging } = shadow.route.settings;
    const sentMs = performance.now();
    try {
      const would = await this.options.nodes.infer(
        shadow.model,
        shadow.replicas,
        tensors,
        outputs,
        // A copy that fails is not worth another one.
        { timeoutMs: routing.timeoutMs, retries: 0, retryBudget: 0, balance: routing.balance },
      );
      const times = { sentMs: answer.nodeMs ?? 0, shadowMs: performance.now() - sentMs };
      const comparison = compareOutputs(answer.tensors, would.tensors);
      this.book.compared(place, Date.now(), comparison, times, () =>
        logging.payload
          ? describeFirstRow(primary, tensors, answer.tensors, would.tensors)
          : { inputs: null, sent: null, shadow: null },
      );
    } catch {
      this.book.failed(place, Date.now());
    }
  }

  /** Writes what was compared; never throws. What cannot be written is lost. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.flushing = this.flushing.then(() => this.write());
    return this.flushing;
  }

  private async write(): Promise<void> {
    for (const tally of this.book.take()) {
      await writeComparison(this.options.db, tally).catch((error: unknown) => {
        this.options.log.warn({ err: error }, "comparisons of a shadow cannot be written");
      });
    }
  }

  /** Forgets what waits and writes what was compared. */
  async close(): Promise<void> {
    this.waiting = [];
    await this.flush();
  }
}

const placeOf = ({ id, route }: Variant) => ({
  workspaceId: route.workspaceId,
  deploymentId: route.deploymentId,
  variantId: id,
});
