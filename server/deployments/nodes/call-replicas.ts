import type { Departure } from "@/server/kernel/departure";
import { AppError } from "@/server/kernel/errors";
import type { NodeModel } from "@/server/kernel/ports";
import { NodeOverloaded } from "@/server/node/client";
import type { Tensor } from "@/server/protocols/open-inference/codec";
import type { RoutingSettings } from "../settings/routing";
import type { Balance } from "./balance";
import { type Chosen, chooseReplica } from "./choose-replica";
import { isRetriable, toCaller } from "./failures";
import { type NodeMember, nodeModelName } from "./node-member";
import type { NodeMembers } from "./node-members";
import type { RemoteReplicas } from "./remote-replicas";
import type { NodeAnswer, Replica } from "./replica";
import { RetryBudget } from "./retry-budget";

/** How one request is sent; what is absent has the default of the routing settings. */
export interface InferOptions extends Partial<Pick<RoutingSettings, "retries" | "balance">> {
  /** For all attempts together. */
  timeoutMs?: number | undefined;
  /** Share of the requests of the last ten seconds that may be tried again, percent. */
  retryBudget?: number | undefined;
  /** 1 is the highest, 0 the node's default. */
  priority?: number | undefined;
  /** Milliseconds the request may wait in the model's queue; its setting when absent. */
  queueTimeoutMs?: number | undefined;
  /** Aborted when nobody waits for the answer any more. */
  signal?: Departure | undefined;
  /** W3C trace context. */
  traceparent?: string | undefined;
}

interface Asked {
  model: NodeModel;
  tensors: readonly Tensor[];
  outputs?: readonly string[] | undefined;
}

/** Requests and retries of one version in this process. */
interface Traffic {
  turn: number;
  budget: RetryBudget;
}

const VERSIONS_MAX = 10_000;
const TIMEOUT_MS = 10_000;

/** Sends requests to the replicas of their version, and again where that makes sense. */
export class ReplicaCaller {
  private readonly traffic = new Map<string, Traffic>();

  constructor(
    private readonly nodes: NodeMembers,
    private readonly remotes: RemoteReplicas,
    private readonly timeoutMs = TIMEOUT_MS,
  ) {}

  /** Throws NodeRejected for inputs the model does not take, and unavailable. */
  async infer(asked: Asked, replicas: number, options: InferOptions = {}): Promise<NodeAnswer> {
    const { retries = 1, retryBudget = 20, timeoutMs = this.timeoutMs, balance } = options;
    const { priority, queueTimeoutMs, signal, traceparent } = options;
    const how = { priority, queueTimeoutMs, signal, traceparent };
    const traffic = this.trafficOf(asked.model.versionId);
    traffic.budget.deposit();
    const startedMs = performance.now();
    const failed = new Set<Replica>();
    let chosen = this.choose(asked.model, replicas, failed, balance);
    for (let attempt = 0; ; attempt++) {
      const left = timeoutMs - (attempt > 0 ? performance.now() - startedMs : 0);
      const { replica, force } = chosen;
      try {
        return await replica.ask({ ...asked, timeoutMs: left, ...how }, force);
      } catch (error) {
        const isOver = attempt >= retries || performance.now() - startedMs >= timeoutMs;
        if (isOver || !isRetriable(error)) throw toCaller(error);
        failed.add(replica);
        chosen = this.choose(asked.model, replicas, failed, balance);
        // A full queue is not emptied by asking it again.
        const isFull = error instanceof NodeOverloaded && failed.has(chosen.replica);
        if (isFull || !traffic.budget.withdraw(retryBudget)) throw toCaller(error);
      }
    }
  }

  private trafficOf(versionId: string): Traffic {
    let traffic = this.traffic.get(versionId);
    if (!traffic) {
      if (this.traffic.size >= VERSIONS_MAX) this.traffic.clear();
      traffic = { turn: 0, budget: new RetryBudget(() => performance.now()) };
      this.traffic.set(versionId, traffic);
    }
    traffic.turn++;
    return traffic;
  }

  private choose(
    model: NodeModel,
    replicas: number,
    failed: ReadonlySet<Replica>,
    balance: Balance = "least_connections",
  ): Chosen<Replica> {
    const { versionId } = model;
    if (model.remote) return chosenOf([this.remotes.of(model)], versionId, balance, 0);
    const turn = this.traffic.get(versionId)?.turn ?? 0;
    return chosenOf(this.candidates(model, replicas, failed), versionId, balance, turn);
  }

  /** The replicas that may answer now; where none is, whatever there is: it may be back. */
  private candidates(
    model: NodeModel,
    replicas: number,
    failed: ReadonlySet<Replica>,
  ): readonly Replica[] {
    const { order, leaving } = this.nodes.placementOf(model);
    const name = nodeModelName(model);
    const up: NodeMember[] = [];
    for (const member of order) {
      if (!member.isUsable || failed.has(member)) continue;
      up.push(member);
      if (up.length >= replicas) break;
    }
    if (leaving.length > 0 && !up.some((member) => member.holds(name))) {
      const still = leaving.filter(
        (one) => one.isUsable && !failed.has(one) && one.holds(name) !== false,
      );
      if (still.length > 0) return still;
    }
    const holding = up.filter((member) => member.holds(name) !== false);
    if (holding.length > 0 && holding.length === up.length) return holding;
    // Until its homes have loaded it, the nodes that hold it from before stand in.
    const others = order.filter((one) => one.isUsable && !failed.has(one) && one.holds(name));
    const before = others.filter((one) => !up.includes(one)).slice(0, up.length - holding.length);
    if (holding.length + before.length > 0) return [...holding, ...before];
    return up.length > 0 ? up : order.slice(0, 1);
  }
}

function chosenOf(
  among: readonly Replica[],
  versionId: string,
  balance: Balance,
  turn: number,
): Chosen<Replica> {
  const chosen = chooseReplica(among, versionId, { balance, turn, draw: Math.random });
  if (chosen) return chosen;
  throw new AppError("unavailable", "No inference node can take this version.", {
    retryAfterSeconds: 5,
  });
}
