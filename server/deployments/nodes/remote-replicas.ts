import { AppError } from "@/server/kernel/errors";
import type { NodeModel } from "@/server/kernel/ports";
import type { RemoteAccess } from "@/server/registry";
import { RemoteReplica } from "./remote-replica";

const REPLICAS_MAX = 5_000;

/** The servers elsewhere that versions of this process run on, opened with their first request. */
export class RemoteReplicas {
  private readonly replicas = new Map<string, RemoteReplica>();

  constructor(private readonly access: RemoteAccess | undefined) {}

  /** The replica of a version that is remote. Throws unavailable, validation_failed. */
  of(model: NodeModel): RemoteReplica {
    const known = this.replicas.get(model.versionId);
    if (known?.isFor(model)) return known;
    this.drop(model.versionId);
    const { remote } = model;
    if (!remote || !this.access) {
      throw new AppError("unavailable", "This process calls nothing outside.");
    }
    if (this.replicas.size >= REPLICAS_MAX) void this.close();
    const made = new RemoteReplica({ ...model, remote }, this.access);
    this.replicas.set(model.versionId, made);
    return made;
  }

  /** Makes a version known; one whose address is refused stays unknown. */
  note(model: NodeModel): void {
    try {
      this.of(model);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
    }
  }

  /** What is known of a version here. */
  find(versionId: string): RemoteReplica | undefined {
    return this.replicas.get(versionId);
  }

  /** Forgets a version; a running request is answered still. */
  drop(versionId: string): void {
    const known = this.replicas.get(versionId);
    this.replicas.delete(versionId);
    void known?.close().catch(() => undefined);
  }

  async close(): Promise<void> {
    const all = [...this.replicas.values()];
    this.replicas.clear();
    await Promise.allSettled(all.map((one) => one.close()));
  }
}
