import { DamagedObject } from "@/server/artifacts";
import { AppError } from "@/server/kernel/errors";
import type { InferenceNodes, NodeModel, ObjectAccess, ObjectStore } from "@/server/kernel/ports";
import {
  createNodeClient,
  type NodeClient,
  NodeRejected,
  NodeUnavailable,
} from "@/server/node/client";
import type { Signature } from "@/server/protocols/open-inference/codec";

export type ModelRef = Parameters<InferenceNodes["unload"]>[0];

/** The name a node knows a version by; versions are immutable, so a name never changes its meaning. */
export const nodeModelName = (model: ModelRef): string => `${model.workspaceId}.${model.versionId}`;

/** A load that a node refused is not tried again for this long, milliseconds. */
const REFUSED_MS = 5_000;
const REFUSED_MAX = 1_000;

/** One inference node with what this process knows about it. */
export class NodeMember {
  readonly client: NodeClient;
  /** Host and port, as shown to people. */
  readonly label: string;
  isReachable = true;
  inFlight = 0;
  private readonly loading = new Map<string, Promise<void>>();
  private readonly refused = new Map<string, { error: NodeRejected; until: number }>();

  constructor(
    readonly url: string,
    token: string | undefined,
    private readonly objects: Pick<ObjectStore, "access">,
  ) {
    this.client = createNodeClient({ url, token });
    this.label = new URL(url).host;
  }

  /** Loads a version; callers that need the same one at the same time share one load. */
  load(model: NodeModel): Promise<void> {
    const name = nodeModelName(model);
    const pending = this.loading.get(name);
    if (pending) return pending;
    const refused = this.refused.get(name);
    if (refused && refused.until > Date.now()) return Promise.reject(refused.error);
    const started = this.loadNow(name, model).finally(() => this.loading.delete(name));
    this.loading.set(name, started);
    return started;
  }

  private async loadNow(name: string, model: NodeModel): Promise<void> {
    try {
      await this.client.load(name, {
        artifact: model.sha256,
        sizeBytes: model.sizeBytes,
        access: await this.accessTo(model),
        // The node parses it again; what it cannot read it refuses.
        signature: model.signature as Signature,
      });
      this.refused.delete(name);
      this.isReachable = true;
    } catch (error) {
      if (error instanceof NodeRejected) {
        if (this.refused.size >= REFUSED_MAX) this.refused.clear();
        this.refused.set(name, { error, until: Date.now() + REFUSED_MS });
      }
      if (error instanceof NodeUnavailable) this.isReachable = false;
      throw error;
    }
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

  async probe(): Promise<boolean> {
    this.isReachable = await this.client.ready();
    return this.isReachable;
  }
}
