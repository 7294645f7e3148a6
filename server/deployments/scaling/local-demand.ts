import type { NodeModel } from "@/server/kernel/ports";
import {
  FIRST_NODE_LABEL,
  LOCAL_NODE_KINDS,
  type LocalNodeKind,
  NODE_GROUP_LABEL,
} from "../constants";
import type { NodePool } from "../nodes/node-pool";
import { fitsModel, type NodeSelector } from "../nodes/placement";
import type { DesiredScale } from "./backend";
import { modelsOf } from "./scaled-models";

export interface LocalDemandOptions {
  pool: Pick<NodePool, "fitting" | "members">;
  /** Nodes of each kind at most, the one that always runs among them. */
  nodesMax: number;
  /** Whether the supervisor runs Python nodes. */
  hasPython: boolean;
  /** Names the supervisor's further nodes. */
  group: string;
}

type Scaled = Pick<NodeModel, "format" | "selector">;

/** How many further nodes of each kind the deployments need, beside the nodes that are there. */
export class LocalDemand {
  private readonly room: number;

  constructor(private readonly options: LocalDemandOptions) {
    this.room = options.nodesMax - 1;
  }

  /** As many as the widest deployment lacks; what Python nodes alone run lacks those. */
  needed(kind: LocalNodeKind, all: readonly DesiredScale[]): number {
    const lacking = all.flatMap((desired) =>
      modelsOf(desired)
        .filter((model) => this.starts(kind, model))
        .map((model) => desired.replicas + desired.surge - this.othersFor(model)),
    );
    return Math.min(this.room, Math.max(0, ...lacking));
  }

  /** The most replicas that every version of a deployment can have. */
  capacity(desired: Pick<DesiredScale, "versions" | "nodeSelector">): number {
    const each = modelsOf(desired).map((model) => {
      const isStarted = LOCAL_NODE_KINDS.some((kind) => this.starts(kind, model));
      return this.othersFor(model) + (isStarted ? this.room : 0);
    });
    return Math.min(...each);
  }

  /** Nodes that fit beside those that we start. */
  private othersFor(model: Scaled): number {
    const { pool, group } = this.options;
    const isOther = (labels: NodeSelector) => labels[NODE_GROUP_LABEL] !== group;
    return pool.fitting(model).filter((one) => one.isUsable && isOther(one.labels)).length;
  }

  private starts(kind: LocalNodeKind, model: Scaled): boolean {
    const labels = this.labelsOf(kind);
    return labels !== undefined && fitsModel(labels, model);
  }

  /** What a further node announces; undefined where none of its kind is started. */
  private labelsOf(kind: LocalNodeKind): NodeSelector | undefined {
    const { pool, hasPython, group } = this.options;
    const ours = { [NODE_GROUP_LABEL]: group };
    if (kind === "node") return ours;
    // As the one that always runs, once it registered.
    const first = pool.members.find(({ labels }) => labels[FIRST_NODE_LABEL] === group);
    return hasPython && first ? { ...first.labels, ...ours } : undefined;
  }
}
