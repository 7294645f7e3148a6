import { z } from "zod";
import { AppError } from "@/server/kernel/errors";
import type { Log } from "@/server/kernel/log";
import type {
  InferenceNodes,
  ModelDescription,
  NodeModel,
  NodeState,
  ObjectStore,
} from "@/server/kernel/ports";
import { NodeOverloaded, NodeRejected } from "@/server/node/client";
import { DATATYPES, type Tensor } from "@/server/protocols/open-inference/codec";
import { noNodeFor, type RemoteAccess } from "@/server/registry";
import { type InferOptions, ReplicaCaller } from "./call-replicas";
import { KEPT_FOR_LABEL } from "./constants";
import type { RegisteredNode } from "./node-facts";
import { type ModelRef, type NodeMember, nodeModelName, parseModelName } from "./node-member";
import { NodeMembers } from "./node-members";
import { fitsModel, matchesSelector } from "./placement";
import { RemoteReplicas } from "./remote-replicas";
import type { NodeAnswer } from "./replica";

export type { NodeAnswer };

/** How often each node is asked whether it is ready, milliseconds. */
const PROBE_MS = 2_000;
const INSPECT_MS = 2_000;

interface NodePoolOptions {
  /** Base URLs of nodes that are there whether they register or not. */
  urls: string[];
  token?: string | undefined;
  /** Where the keys of models come from. */
  objects: Pick<ObjectStore, "access">;
  log: Pick<Log, "warn" | "info">;
  inferTimeoutMs?: number;
  /** Without it versions on servers elsewhere answer unavailable. */
  remote?: RemoteAccess | undefined;
}

/**
 * What this process sends inference to: nodes set by their URL, nodes that registered, and servers
 * elsewhere. Each version has its own order of the nodes that fit it: the first `replicas` of them
 * answer, the next ones stand in while those are away, and a node that lost a version is given it
 * again.
 */
export class NodePool implements InferenceNodes {
  private readonly nodes: NodeMembers;
  private readonly remotes: RemoteReplicas;
  private readonly caller: ReplicaCaller;
  /** What keeps it on the registered nodes; closed with it. */
  followed: { close: () => Promise<void> } | undefined;
  private timer: NodeJS.Timeout | undefined;
  private probing = false;

  constructor(private readonly options: NodePoolOptions) {
    this.nodes = new NodeMembers(options);
    this.remotes = new RemoteReplicas(options.remote);
    this.caller = new ReplicaCaller(this.nodes, this.remotes, options.inferTimeoutMs);
  }

  get members(): readonly NodeMember[] {
    return this.nodes.all;
  }

  /** Begins to watch the nodes. */
  start(): this {
    this.timer ??= setInterval(() => void this.probeAll(), PROBE_MS);
    this.timer.unref();
    return this;
  }

  /** Takes over what the table of registered nodes says. */
  follow(registered: readonly RegisteredNode[]): void {
    this.nodes.follow(registered);
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.followed?.close();
    await Promise.all([this.nodes.close(), this.remotes.close()]);
  }

  get isAnyReachable(): boolean {
    return this.members.some((member) => member.isUsable);
  }

  /** The shared nodes that may hold such a version and are not being drained, away or not. */
  fitting(model: Pick<NodeModel, "format" | "selector">): NodeMember[] {
    return this.members.filter(
      ({ labels, facts }) =>
        !facts.isDraining && labels[KEPT_FOR_LABEL] === undefined && fitsModel(labels, model),
    );
  }

  isToken(text: string | undefined): boolean {
    return this.nodes.isToken(text);
  }

  addresses(): { url: string; reachable: boolean }[] {
    return this.members.map(({ url, isUsable }) => ({ url, reachable: isUsable }));
  }

  async modelsOn(url: string): Promise<ModelRef[] | null> {
    const names = await this.members
      .find((member) => member.url === url)
      ?.readIndex()
      .catch(() => undefined);
    return names ? [...names].flatMap((name) => parseModelName(name) ?? []) : null;
  }

  private async probeAll(): Promise<void> {
    if (this.probing) return;
    this.probing = true;
    await Promise.all(
      this.members.map(async (member) => {
        const before = member.isReachable;
        const now = await within(INSPECT_MS, member.probe());
        // A frozen node takes the connection and never answers.
        if (!now) member.isReachable = false;
        if (before === now) return;
        if (now) this.options.log.info({ node: member.label }, "inference node is back");
        else this.options.log.warn({ node: member.label }, "inference node does not answer");
      }),
    );
    this.probing = false;
  }

  /** The nodes that should hold a version, the next best while some are away; none for one that runs elsewhere. */
  homesOf(model: NodeModel, replicas: number): NodeMember[] {
    if (!model.remote) {
      const { order } = this.nodes.placementOf(model);
      const present = order.filter(({ facts }) => !facts.isAway);
      return (present.length > 0 ? present : order).slice(0, replicas);
    }
    // From now on its health can be asked, before its first request.
    this.remotes.note(model);
    return [];
  }

  /**
   * Runs a model. What no model answered is tried again, elsewhere where possible and within the
   * budget; a node that does not know the model loads it first. Throws NodeRejected for inputs the
   * model does not take, and unavailable when no node can answer.
   */
  infer(
    model: NodeModel,
    replicas: number,
    tensors: readonly Tensor[],
    outputs?: readonly string[],
    options?: InferOptions,
  ): Promise<NodeAnswer> {
    return this.caller.infer({ model, tensors, outputs }, replicas, options);
  }

  async load(model: NodeModel, replicas: number): Promise<number> {
    if (model.remote) {
      await this.remotes.of(model).load();
      return 1;
    }
    let loaded = 0;
    let reason = "No inference node can be reached.";
    let missing: NodeRejected | undefined;
    const { order } = this.nodes.placementOf(model);
    if (order.length === 0 && this.members.length > 0) reason = unfitText(model);
    // One that is away may hold a load up until it times out; the others come first.
    const byTurn = [
      ...order.filter((one) => one.isUsable),
      ...order.filter((one) => !one.isUsable),
    ];
    for (const member of byTurn) {
      if (loaded >= replicas) break;
      try {
        await member.load(model);
        loaded++;
      } catch (error) {
        // A node may read another store than its neighbors; what it refuses all will refuse.
        if (error instanceof NodeRejected && error.status === 404) missing = error;
        else if (error instanceof NodeRejected)
          throw new AppError("validation_failed", error.message);
        if (error instanceof AppError) throw error;
        if (error instanceof NodeOverloaded) reason = `The inference node says: ${error.message}.`;
      }
    }
    if (loaded > 0) return loaded;
    if (missing) throw new AppError("validation_failed", missing.message);
    throw new AppError("unavailable", reason, { retryAfterSeconds: 2 });
  }

  async unload(model: ModelRef): Promise<void> {
    const name = nodeModelName(model);
    this.remotes.drop(model.versionId);
    await Promise.allSettled(this.members.map((member) => member.unload(name)));
  }

  fits(model: Pick<NodeModel, "format" | "selector">): boolean {
    return this.members.some(({ isUsable, labels }) => isUsable && fitsModel(labels, model));
  }

  async describe(model: NodeModel): Promise<ModelDescription> {
    const name = nodeModelName(model);
    const { order } = this.nodes.placementOf(model);
    const holder = order.find((member) => member.holds(name));
    if (!holder) throw new AppError("unavailable", unfitText(model), { retryAfterSeconds: 2 });
    const { parameters, ...tensors } = described.parse(await holder.client.metadata(name));
    return { ...tensors, ...parameters };
  }

  async inspect(model: ModelRef & Pick<NodeModel, "selector">): Promise<NodeState[]> {
    const remote = this.remotes.find(model.versionId);
    if (remote) {
      const isReady = await within(INSPECT_MS, remote.ready());
      return [{ node: remote.label, reachable: isReady, loaded: isReady }];
    }
    const name = nodeModelName(model);
    // One that holds the version for another deployment answers nothing for this one.
    const fitting = this.members.filter(({ labels }) =>
      matchesSelector(labels, model.selector ?? {}),
    );
    return Promise.all(
      fitting.map(async (member) => {
        const reachable = await within(INSPECT_MS, member.probe());
        const loaded = reachable && (await within(INSPECT_MS, member.client.ready(name)));
        return { node: member.label, reachable, loaded };
      }),
    );
  }
}

const unfitText = ({ format }: NodeModel): string =>
  format ? noNodeFor(format) : "No inference node fits.";

const tensor = z.object({
  name: z.string(),
  datatype: z.enum(DATATYPES),
  shape: z.array(z.int()),
});
const names = z.array(z.string().min(1).max(256)).max(10_000);
const described = z.object({
  inputs: z.array(tensor),
  outputs: z.array(tensor),
  // Of native models, which say there what tensors do not.
  parameters: z
    .object({
      columns: names.optional(),
      classes: z
        .array(z.union([z.string(), z.number(), z.boolean()]))
        .max(10_000)
        .optional(),
    })
    .optional(),
});

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
