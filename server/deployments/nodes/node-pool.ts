import { createHash } from "node:crypto";
import { AppError } from "@/server/kernel/errors";
import type { Log } from "@/server/kernel/log";
import type { InferenceNodes, NodeModel, NodeState, ObjectStore } from "@/server/kernel/ports";
import {
  type InferAnswer,
  NodeOverloaded,
  NodeRejected,
  NodeTimeout,
  NodeUnavailable,
} from "@/server/node/client";
import type { Tensor } from "@/server/protocols/open-inference/codec";
import { type ModelRef, NodeMember, nodeModelName } from "./node-member";

/** How often each node is asked whether it is ready, milliseconds. */
const PROBE_MS = 2_000;
const INSPECT_MS = 2_000;
const ORDERS_MAX = 10_000;

interface NodePoolOptions {
  /** Base URLs; each node is asked with the token. */
  urls: string[];
  token?: string | undefined;
  /** Where the keys of models come from. */
  objects: Pick<ObjectStore, "access">;
  log: Pick<Log, "warn" | "info">;
  inferTimeoutMs?: number;
}

export interface NodeAnswer extends InferAnswer {
  /** False when the node had to load the model for this request. */
  wasLoaded: boolean;
}

/**
 * The inference nodes this process sends work to. Each version has its own fixed order of nodes
 * (rendezvous hashing, Thaler and Ravishankar 1998): the first `replicas` of them answer, the next
 * ones stand in while those are away, and a node that lost a version is given it again.
 */
export class NodePool implements InferenceNodes {
  readonly members: NodeMember[];
  private readonly orders = new Map<string, NodeMember[]>();
  private timer: NodeJS.Timeout | undefined;
  private probing = false;

  constructor(private readonly options: NodePoolOptions) {
    const { token, objects } = options;
    this.members = [...new Set(options.urls)].map((url) => new NodeMember(url, token, objects));
  }

  /** Begins to watch the nodes. */
  start(): this {
    this.timer ??= setInterval(() => void this.probeAll(), PROBE_MS);
    this.timer.unref();
    return this;
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await Promise.allSettled(this.members.map((member) => member.client.close()));
  }

  get isAnyReachable(): boolean {
    return this.members.some((member) => member.isReachable);
  }

  private async probeAll(): Promise<void> {
    if (this.probing) return;
    this.probing = true;
    await Promise.all(
      this.members.map(async (member) => {
        const before = member.isReachable;
        const now = await member.probe();
        if (before === now) return;
        if (now) this.options.log.info({ node: member.label }, "inference node is back");
        else this.options.log.warn({ node: member.label }, "inference node does not answer");
      }),
    );
    this.probing = false;
  }

  /** The nodes that should hold a version. */
  homesOf(versionId: string, replicas: number): NodeMember[] {
    return this.orderOf(versionId).slice(0, replicas);
  }

  /**
   * Runs a model. A broken connection is tried once more, elsewhere where possible; a node that does
   * not know the model loads it first. Throws NodeRejected for inputs the model does not take, and
   * unavailable when no node can answer.
   */
  async infer(
    model: NodeModel,
    replicas: number,
    tensors: readonly Tensor[],
    outputs?: readonly string[],
  ): Promise<NodeAnswer> {
    const first = this.choose(model, replicas, undefined);
    try {
      return await this.inferOn(first, model, tensors, outputs);
    } catch (error) {
      if (!(error instanceof NodeUnavailable) || error instanceof NodeTimeout) throw said(error);
    }
    try {
      return await this.inferOn(this.choose(model, replicas, first), model, tensors, outputs);
    } catch (error) {
      throw said(error);
    }
  }

  private async inferOn(
    member: NodeMember,
    model: NodeModel,
    tensors: readonly Tensor[],
    outputs: readonly string[] | undefined,
  ): Promise<NodeAnswer> {
    const name = nodeModelName(model);
    const options = { outputs, timeoutMs: this.options.inferTimeoutMs };
    member.inFlight++;
    try {
      const answer = await member.client.infer(name, tensors, options);
      member.isReachable = true;
      return { ...answer, wasLoaded: true };
    } catch (error) {
      if (error instanceof NodeRejected && error.status === 404) {
        await this.loadAgain(member, model);
        return { ...(await member.client.infer(name, tensors, options)), wasLoaded: false };
      }
      if (error instanceof NodeUnavailable && !(error instanceof NodeTimeout)) {
        member.isReachable = false;
      }
      throw error;
    } finally {
      member.inFlight--;
    }
  }

  private async loadAgain(member: NodeMember, model: NodeModel): Promise<void> {
    try {
      await member.load(model);
    } catch (error) {
      if (!(error instanceof NodeRejected)) throw error;
      this.options.log.warn({ node: member.label, reason: error.message }, "node refuses a model");
      throw new AppError("unavailable", "The model cannot be loaded at the moment.", {
        retryAfterSeconds: 5,
      });
    }
  }

  /** The least busy reachable replica, else the next reachable node, else any: it may be back. */
  private choose(model: NodeModel, replicas: number, avoid: NodeMember | undefined): NodeMember {
    const order = this.orderOf(model.versionId);
    let best: NodeMember | undefined;
    let seen = 0;
    for (const member of order) {
      if (!member.isReachable || member === avoid) continue;
      if (!best || member.inFlight < best.inFlight) best = member;
      if (++seen >= replicas) break;
    }
    const chosen = best ?? avoid ?? order[0];
    if (chosen) return chosen;
    throw new AppError("unavailable", "No inference node is configured.", {
      retryAfterSeconds: 5,
    });
  }

  private orderOf(versionId: string): NodeMember[] {
    const known = this.orders.get(versionId);
    if (known) return known;
    const score = (member: NodeMember) =>
      createHash("sha256").update(`${versionId} ${member.url}`).digest("hex");
    const order = this.members
      .map((member) => ({ member, score: score(member) }))
      .sort((a, b) => (a.score < b.score ? -1 : 1))
      .map(({ member }) => member);
    if (this.orders.size >= ORDERS_MAX) this.orders.clear();
    this.orders.set(versionId, order);
    return order;
  }

  async load(model: NodeModel, replicas: number): Promise<number> {
    let loaded = 0;
    let reason = "No inference node can be reached.";
    for (const member of this.orderOf(model.versionId)) {
      if (loaded >= replicas) break;
      try {
        await member.load(model);
        loaded++;
      } catch (error) {
        if (error instanceof NodeRejected) throw new AppError("validation_failed", error.message);
        if (error instanceof AppError) throw error;
        if (error instanceof NodeOverloaded) reason = `The inference node says: ${error.message}.`;
      }
    }
    if (loaded > 0) return loaded;
    throw new AppError("unavailable", reason, { retryAfterSeconds: 2 });
  }

  async unload(model: ModelRef): Promise<void> {
    const name = nodeModelName(model);
    await Promise.allSettled(this.members.map((member) => member.client.unload(name)));
  }

  inspect(model: ModelRef): Promise<NodeState[]> {
    const name = nodeModelName(model);
    return Promise.all(
      this.members.map(async (member) => {
        const reachable = await within(INSPECT_MS, member.probe());
        const loaded = reachable && (await within(INSPECT_MS, member.client.ready(name)));
        return { node: member.label, reachable, loaded };
      }),
    );
  }
}

/** What a node's failure means to the caller; refused inputs stay what they are. */
function said(error: unknown): unknown {
  if (error instanceof NodeOverloaded) {
    const retryAfterSeconds = Math.max(1, Math.ceil(error.retryAfterSeconds));
    return new AppError("unavailable", "The model has more requests than it can take.", {
      retryAfterSeconds,
    });
  }
  if (error instanceof NodeTimeout) {
    return new AppError("unavailable", "The model did not answer in time.", {
      retryAfterSeconds: 1,
    });
  }
  if (
    error instanceof NodeUnavailable ||
    (error instanceof NodeRejected && (error.status === 404 || error.status === 401))
  ) {
    return new AppError("unavailable", "No inference node can answer at the moment.", {
      retryAfterSeconds: 1,
    });
  }
  return error;
}

async function within(ms: number, answer: Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
