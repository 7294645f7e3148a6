import { createHash, timingSafeEqual } from "node:crypto";
import type { Log } from "@/server/kernel/log";
import type { NodeModel, ObjectStore } from "@/server/kernel/ports";
import { type NodeFacts, type RegisteredNode, UNKNOWN_NODE } from "./node-facts";
import { NodeMember } from "./node-member";
import { fitsModel, placementFor } from "./placement";

/** Where a version belongs. */
export interface Placement {
  /** Nodes that fit it, best first; while all of them are being drained, those. */
  order: NodeMember[];
  /** Nodes that are being drained and may hold it still. */
  leaving: NodeMember[];
}

interface MembersOptions {
  urls: string[];
  token?: string | undefined;
  objects: Pick<ObjectStore, "access">;
  log: Pick<Log, "warn">;
}

/** The nodes of ours that this process knows, and which of them a version belongs on. */
export class NodeMembers {
  private readonly byUrl = new Map<string, NodeMember>();
  private readonly fixed: ReadonlySet<string>;
  private readonly tokenDigest: Buffer | undefined;
  private placements = new WeakMap<NodeModel, Placement>();
  all: readonly NodeMember[] = [];

  constructor(private readonly options: MembersOptions) {
    this.fixed = new Set(options.urls);
    this.tokenDigest = options.token === undefined ? undefined : digestOf(options.token);
    for (const url of this.fixed) this.add(url);
    this.changed();
  }

  private add(url: string): NodeMember {
    const { token, objects, log } = this.options;
    const member = new NodeMember(url, token, objects, log);
    this.byUrl.set(url, member);
    return member;
  }

  private changed(): void {
    this.all = [...this.byUrl.values()];
    this.placements = new WeakMap();
  }

  isToken(text: string | undefined): boolean {
    if (text === undefined || this.tokenDigest === undefined) return false;
    return timingSafeEqual(digestOf(text), this.tokenDigest);
  }

  /** Takes registered nodes in and lets those go that are neither registered nor set any more. */
  follow(registered: readonly RegisteredNode[]): void {
    const wanted = new Map(registered.map((node) => [node.url, node]));
    let hasChanged = false;
    for (const [url, member] of this.byUrl) {
      if (wanted.has(url)) continue;
      hasChanged ||= member.facts !== UNKNOWN_NODE;
      member.facts = UNKNOWN_NODE;
      if (this.fixed.has(url)) continue;
      hasChanged = true;
      this.byUrl.delete(url);
      void member.client.close().catch(() => undefined);
    }
    for (const [url, node] of wanted) {
      const member = this.byUrl.get(url) ?? this.add(url);
      // Whether a node set by its URL is there, its probes say: its words may be held up elsewhere.
      const facts = this.fixed.has(url) ? { ...node, isAway: false } : node;
      hasChanged ||= !isSame(member.facts, facts);
      member.facts = facts;
    }
    if (hasChanged) this.changed();
  }

  /** The nodes a version belongs on; kept until the nodes change. */
  placementOf(model: NodeModel): Placement {
    const known = this.placements.get(model);
    if (known) return known;
    const fitting = this.all.filter(({ labels }) => fitsModel(labels, model));
    const { versionId, deploymentId, opposite } = model;
    const isOpposite = opposite !== undefined;
    const order = placementFor(opposite ?? versionId, deploymentId, fitting, isOpposite);
    const staying = order.filter(({ facts }) => !facts.isDraining);
    const placement: Placement = {
      order: staying.length > 0 ? staying : order,
      leaving: staying.length > 0 ? this.all.filter(({ facts }) => facts.isDraining) : [],
    };
    this.placements.set(model, placement);
    return placement;
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.all.map((member) => member.client.close()));
  }
}

const isSame = (a: NodeFacts, b: NodeFacts): boolean =>
  a.id === b.id &&
  a.weight === b.weight &&
  a.isDraining === b.isDraining &&
  a.isAway === b.isAway &&
  JSON.stringify(a.labels) === JSON.stringify(b.labels);

const digestOf = (text: string): Buffer => createHash("sha256").update(text).digest();
