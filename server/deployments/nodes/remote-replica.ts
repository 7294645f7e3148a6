import { AppError } from "@/server/kernel/errors";
import type { NodeModel, RemoteModel } from "@/server/kernel/ports";
import { NodeRejected, NodeUnavailable } from "@/server/node/client";
import {
  openCredential,
  openRemote,
  type RemoteAccess,
  type RemoteCaller,
} from "@/server/registry";
import { type NodeAnswer, Replica, type ReplicaCall } from "./replica";

/** A version that runs on a server elsewhere; it is its own and only replica. */
export class RemoteReplica extends Replica {
  readonly label: string;
  readonly isUsable = true;
  private readonly caller: RemoteCaller;
  private remote: RemoteModel;

  constructor(model: NodeModel & { remote: RemoteModel }, access: RemoteAccess) {
    super();
    this.remote = model.remote;
    this.label = new URL(model.remote.url).host;
    const secret = openCredential(access, model, model.remote);
    this.caller = openRemote({ ...model.remote, secret }, access.outbound);
  }

  /** False once the credential was changed. */
  isFor({ remote }: NodeModel): boolean {
    if (remote === this.remote) return true;
    if (!remote || !isSameSecret(remote.secret, this.remote.secret)) return false;
    this.remote = remote;
    return true;
  }

  protected async answer({ tensors, ...options }: ReplicaCall): Promise<NodeAnswer> {
    try {
      return { ...(await this.caller.infer(tensors, options)), wasLoaded: true };
    } catch (error) {
      // What its guard or its credentials refuse is our setting's fault, not the caller's inputs'.
      const isRefused = error instanceof NodeRejected && [401, 403, 404].includes(error.status);
      if (isRefused) throw new NodeUnavailable(`the server answers ${error.status}`);
      throw error;
    }
  }

  ready(): Promise<boolean> {
    return this.caller.client.ready(this.remote.model, this.remote.version ?? undefined);
  }

  /** There is nothing to load; it must be ready. Throws unavailable. */
  async load(): Promise<void> {
    if (await this.ready()) return;
    throw new AppError(
      "unavailable",
      `The server at ${this.label} does not have the model ready.`,
      {
        retryAfterSeconds: 5,
      },
    );
  }

  close(): Promise<void> {
    return this.caller.client.close();
  }
}

const isSameSecret = (a: Buffer | null, b: Buffer | null): boolean =>
  a === b || (a !== null && b !== null && a.equals(b));
