import type { Departure } from "@/server/kernel/departure";
import type { NodeModel } from "@/server/kernel/ports";
import type { InferAnswer } from "@/server/node/client";
import type { Tensor } from "@/server/protocols/open-inference/codec";
import { ReplicaBreaker } from "./breaker";

export interface NodeAnswer extends InferAnswer {
  /** False when the node had to load the model for this request. */
  wasLoaded: boolean;
}

/** One request of a version to one replica. */
export interface ReplicaCall {
  model: NodeModel;
  tensors: readonly Tensor[];
  /** Names of the outputs wanted; all when absent. */
  outputs?: readonly string[] | undefined;
  timeoutMs?: number | undefined;
  priority?: number | undefined;
  queueTimeoutMs?: number | undefined;
  signal?: Departure | undefined;
  traceparent?: string | undefined;
}

const BREAKERS_MAX = 10_000;

/** Something that can answer for a version: a node of ours, or a server elsewhere. */
export abstract class Replica {
  /** Host and port, as shown to people. */
  abstract readonly label: string;
  inFlight = 0;
  private readonly breakers = new Map<string, ReplicaBreaker>();

  /** Whether it may be asked now, by what is known of it. */
  abstract readonly isUsable: boolean;

  /** Throws the errors of `server/node/client`. */
  protected abstract answer(call: ReplicaCall): Promise<NodeAnswer>;

  breakerOf(versionId: string): ReplicaBreaker {
    let breaker = this.breakers.get(versionId);
    if (!breaker) {
      if (this.breakers.size >= BREAKERS_MAX) this.breakers.clear();
      breaker = new ReplicaBreaker();
      this.breakers.set(versionId, breaker);
    }
    return breaker;
  }

  /** A node that came back starts afresh. */
  protected forgetFailures(): void {
    this.breakers.clear();
  }

  /** Asks it; `force` asks past an open breaker, where too many are open already. */
  async ask(call: ReplicaCall, force = false): Promise<NodeAnswer> {
    this.inFlight++;
    try {
      if (force) return await this.answer(call);
      return await this.breakerOf(call.model.versionId).run(() => this.answer(call));
    } finally {
      this.inFlight--;
    }
  }
}
