import { setTimeout as sleep } from "node:timers/promises";
import { AppError, asAppError } from "@/server/kernel/errors";
import type { Variant } from "../gateway/routing-table";
import type { ScalingMetrics } from "./scaling-metrics";

/** Between two attempts to load while nodes are away or start, milliseconds. */
const AGAIN_MS = 250;
const RETRY_AFTER_SECONDS = 5;

interface WakingOptions {
  metrics: Pick<ScalingMetrics, "held" | "woken" | "waited">;
  /** Gives the deployment a replica again; done as well when it has one. */
  wake: (variant: Variant) => Promise<void>;
  /** Puts the version on a node. Throws unavailable while that may still come about. */
  load: (variant: Variant) => Promise<unknown>;
}

interface Waking {
  done: Promise<void>;
  held: number;
}

/**
 * Requests to idle deployments: they wait, so many and so long as the settings say, for one load of
 * their version that all of them share.
 */
export class WakingDeployments {
  private readonly waking = new Map<string, Waking>();
  private closed = false;

  constructor(private readonly options: WakingOptions) {}

  close(): void {
    this.closed = true;
  }

  /** Resolves once the version is loaded. Throws unavailable: too many wait, too long, or in vain. */
  async hold(variant: Variant): Promise<void> {
    const { holdSeconds, heldRequestsMax } = variant.route.settings.scaling;
    const key = `${variant.route.deploymentId} ${variant.model.versionId}`;
    const known = this.waking.get(key);
    if (known && known.held >= heldRequestsMax) {
      throw unavailable("The deployment wakes up and has more requests than may wait for that.");
    }
    const { metrics } = this.options;
    const waking = known ?? this.begin(key, variant);
    const sinceMs = performance.now();
    waking.held++;
    metrics.held.inc();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const message = `The deployment was idle and did not wake up within ${holdSeconds} s.`;
      timer = setTimeout(() => reject(unavailable(message)), holdSeconds * 1_000);
    });
    try {
      await Promise.race([waking.done, late]);
      metrics.waited("woken", performance.now() - sinceMs);
    } catch (error) {
      metrics.waited("refused", performance.now() - sinceMs);
      throw error;
    } finally {
      waking.held--;
      metrics.held.dec();
      clearTimeout(timer);
    }
  }

  private begin(key: string, variant: Variant): Waking {
    const waking: Waking = { done: Promise.resolve(), held: 0 };
    this.waking.set(key, waking);
    // The first request is counted once this returns.
    waking.done = Promise.resolve()
      .then(() => this.wake(variant, waking))
      .finally(() => this.waking.delete(key));
    waking.done.catch(() => undefined);
    return waking;
  }

  /** For as long as somebody waits: a node or the database may be on its way. */
  private async wake(variant: Variant, waking: Waking): Promise<void> {
    for (;;) {
      try {
        await this.options.wake(variant);
        await this.options.load(variant);
        this.options.metrics.woken.inc();
        return;
      } catch (error) {
        const known = asAppError(error);
        if (known && known.code !== "unavailable") throw refused(known);
        if (waking.held === 0 || this.closed) throw unavailable("The deployment does not wake up.");
        await sleep(AGAIN_MS);
      }
    }
  }
}

const unavailable = (message: string): AppError =>
  new AppError("unavailable", message, { retryAfterSeconds: RETRY_AFTER_SECONDS });

const refused = (reason: AppError): AppError =>
  reason.code === "not_found"
    ? reason
    : unavailable(`The deployment was idle and cannot wake up: ${reason.message}`);
