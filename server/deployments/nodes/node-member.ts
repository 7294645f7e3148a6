import { DamagedObject } from "@/server/artifacts";
import { AppError } from "@/server/kernel/errors";
import type { Log } from "@/server/kernel/log";
import type { InferenceNodes, NodeModel, ObjectAccess, ObjectStore } from "@/server/kernel/ports";
import {
  createNodeClient,
  type NodeClient,
  NodeFailed,
  NodeRejected,
  NodeTimeout,
  NodeUnavailable,
} from "@/server/node/client";
import type { ModelConfig } from "@/server/node/models/load-request";
import { QUEUES_MAX } from "@/server/node/models/queue-id";
import type { Signature } from "@/server/protocols/open-inference/codec";
import { type NodeFacts, UNKNOWN_NODE } from "./node-facts";
import type { NodeSelector } from "./placement";
import { type NodeAnswer, Replica, type ReplicaCall } from "./replica";

export type ModelRef = Parameters<InferenceNodes["unload"]>[0];

/** The name a node knows a version by; versions are immutable, so a name never changes its meaning. */
export const nodeModelName = (model: ModelRef): string => `${model.workspaceId}.${model.versionId}`;

const OURS = /^([0-9a-f-]{36})\.([0-9a-f-]{36})$/;

/** The version behind such a name; undefined for models that are not ours. */
export function parseModelName(name: string): ModelRef | undefined {
  const [, workspaceId, versionId] = OURS.exec(name) ?? [];
  return workspaceId && versionId ? { workspaceId, versionId } : undefined;
}

/** A load that a node refused is not tried again for this long, milliseconds. */
const REFUSED_MS = 5_000;
const REFUSED_MAX = 1_000;
const KNOWN_MAX = 20_000;

/** A node that failed with one model, or is slow with it, may be well with the others. */
const isUnreachable = (error: unknown): boolean =>
  error instanceof NodeUnavailable &&
  !(error instanceof NodeTimeout || error instanceof NodeFailed);

/** One inference node of ours with what this process knows about it. */
export class NodeMember extends Replica {
  readonly client: NodeClient;
  readonly label: string;
  isReachable = true;
  /** What it announced; facts of a node that is only set by its URL are defaults. */
  facts: NodeFacts = UNKNOWN_NODE;
  private readonly loading = new Map<string, Promise<void>>();
  private readonly refused = new Map<string, { error: NodeRejected; until: number }>();
  /** What it is known to hold or to lack; what is not here may be either. */
  private readonly known = new Map<string, boolean>();
  /** The queue policies that were told for each version. */
  private readonly configured = new Map<string, Set<string>>();

  constructor(
    readonly url: string,
    token: string | undefined,
    private readonly objects: Pick<ObjectStore, "access">,
    private readonly log: Pick<Log, "warn">,
  ) {
    super();
    this.client = createNodeClient({ url, token, frames: true });
    this.label = new URL(url).host;
  }

  get isUsable(): boolean {
    return this.isReachable && !this.facts.isAway;
  }

  get labels(): NodeSelector {
    return this.facts.labels;
  }

  get weight(): number {
    return this.facts.weight;
  }

  /** Whether it holds a model; undefined while nobody looked. */
  holds(name: string): boolean | undefined {
    return this.known.get(name);
  }

  private note(name: string, holds: boolean): void {
    if (!holds) this.configured.delete(name);
    if (this.known.get(name) === holds) return;
    if (this.known.size >= KNOWN_MAX) this.known.clear();
    this.known.set(name, holds);
  }

  /** Whether it holds a version under the queue policy it should have. */
  isConfigured(model: NodeModel): boolean {
    const { batching } = model;
    if (batching === undefined) return true;
    return this.configured.get(nodeModelName(model))?.has(JSON.stringify(batching)) ?? false;
  }

  /** Reads what it holds now. Throws the errors of its client. */
  async readIndex(): Promise<Set<string>> {
    const names = new Set((await this.client.index()).map((entry) => entry.name));
    for (const name of this.known.keys()) if (!names.has(name)) this.note(name, false);
    for (const name of names) this.note(name, true);
    return names;
  }

  /** Loads a version; callers that need the same one at the same time share one load. */
  load(model: NodeModel): Promise<void> {
    const name = nodeModelName(model);
    const place = `${name} ${model.queue ?? ""}`;
    const pending = this.loading.get(place);
    if (pending) return pending;
    const refused = this.refused.get(name);
    if (refused && refused.until > Date.now()) return Promise.reject(refused.error);
    const started = this.loadNow(name, model).finally(() => this.loading.delete(place));
    this.loading.set(place, started);
    return started;
  }

  private async loadNow(name: string, model: NodeModel): Promise<void> {
    try {
      await this.client.load(name, {
        artifact: model.sha256,
        format: model.format,
        sizeBytes: model.sizeBytes,
        access: await this.accessTo(model),
        // The node parses it again; what it cannot read it refuses.
        signature: model.signature as Signature,
        config: model.batching as ModelConfig | undefined,
      });
      this.refused.delete(name);
      this.isReachable = true;
      this.note(name, true);
      this.noteConfigured(name, JSON.stringify(model.batching));
    } catch (error) {
      if (error instanceof NodeRejected) {
        if (this.refused.size >= REFUSED_MAX) this.refused.clear();
        this.refused.set(name, { error, until: Date.now() + REFUSED_MS });
      }
      if (isUnreachable(error)) this.isReachable = false;
      throw error;
    }
  }

  /** The node keeps the newest queues of a model only, and so does this. */
  private noteConfigured(name: string, policy: string | undefined): void {
    if (policy === undefined) return;
    const policies = this.configured.get(name) ?? new Set();
    policies.delete(policy);
    policies.add(policy);
    const [oldest] = policies;
    if (policies.size > QUEUES_MAX && oldest !== undefined) policies.delete(oldest);
    this.configured.set(name, policies);
  }

  async unload(name: string): Promise<void> {
    this.note(name, false);
    await this.client.unload(name);
  }

  /** Nodes hold no keys of their own: each load brings the one of its model. */
  private async accessTo(model: NodeModel): Promise<ObjectAccess> {
    try {
      return await this.objects.access(model.workspaceId, model.sha256);
    } catch (error) {
      const isGone = error instanceof AppError && error.code === "not_found";
      if (!isGone && !(error instanceof DamagedObject)) throw error;
      throw new NodeRejected(404, `the artifact ${model.sha256} does not exist`);
    }
  }

  protected async answer(call: ReplicaCall): Promise<NodeAnswer> {
    const { model, tensors, ...rest } = call;
    const options = { ...rest, queue: model.queue };
    const name = nodeModelName(model);
    try {
      const answer = await this.client.infer(name, tensors, options);
      this.isReachable = true;
      this.note(name, true);
      return { ...answer, wasLoaded: true };
    } catch (error) {
      if (error instanceof NodeRejected && error.status === 404) {
        this.note(name, false);
        // What was moved away from it does not come back because one request met it late.
        if (this.facts.isDraining) throw new NodeUnavailable("the node is being drained");
        await this.loadAgain(model);
        return { ...(await this.client.infer(name, tensors, options)), wasLoaded: false };
      }
      if (isUnreachable(error)) this.isReachable = false;
      throw error;
    }
  }

  private async loadAgain(model: NodeModel): Promise<void> {
    try {
      await this.load(model);
    } catch (error) {
      if (!(error instanceof NodeRejected)) throw error;
      this.log.warn({ node: this.label, reason: error.message }, "node refuses a model");
      throw new AppError("unavailable", "The model cannot be loaded at the moment.", {
        retryAfterSeconds: 5,
      });
    }
  }

  async probe(): Promise<boolean> {
    const before = this.isReachable;
    this.isReachable = await this.client.ready();
    if (!before && this.isReachable) this.cameBack();
    return this.isReachable;
  }

  private cameBack(): void {
    this.known.clear();
    this.configured.clear();
    this.forgetFailures();
  }
}
