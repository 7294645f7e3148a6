import type { ModelFormat } from "@/server/kernel/ports";
import type { Environment, ScalingBackendName } from "../constants";

/** A deployment, as backends name what they run for it. */
export interface ScaledRef {
  workspaceId: string;
  deploymentId: string;
}

/** What one replica may use; null leaves it to the backend. */
export interface ReplicaResources {
  /** Thousandths of a processor. */
  cpuMillis: number | null;
  /** The most of a processor; null for no limit. */
  cpuLimitMillis: number | null;
  memoryBytes: number | null;
  /** The most memory; null for what is asked for. */
  memoryLimitBytes: number | null;
  gpus: number;
}

/** A version that a deployment needs nodes for. */
export interface ScaledVersion {
  versionId: string;
  variant: string;
  role: string;
  weight: number;
  /** What its file is where that is no ONNX: Python nodes alone run it. */
  format?: ModelFormat | undefined;
}

/** What a deployment should have, now. */
export interface DesiredScale extends ScaledRef {
  /** Its name: unique in the workspace, at most 128 of letters, digits, dots, dashes, underscores. */
  name: string;
  environment: Environment;
  /** Versions that take traffic or copies of it, or are being loaded; oldest variant first. */
  versions: readonly ScaledVersion[];
  /** Nodes that should hold the versions, from `min` to `max`; 0 while the deployment is idle. */
  replicas: number;
  min: number;
  max: number;
  /** Nodes beyond `replicas` while a roll-out moves replica by replica. */
  surge: number;
  /**
   * Whether the product decides how many. False: set by hand, `min`, `max` and `replicas` are the
   * same. An autoscaler of the backend's own may only act where this is false.
   */
  isAutomatic: boolean;
  resources: ReplicaResources;
  /** For what the backend makes: what belongs to whom. */
  labels: Readonly<Record<string, string>>;
  /** Labels a node must announce to hold the versions. */
  nodeSelector: Readonly<Record<string, string>>;
}

/** What a backend has for a deployment. */
export interface ScaleStatus {
  /** Replicas that it runs or may use. */
  replicas: number;
  /** Those of them that answer. */
  ready: number;
  /** What is in the way, for people; null when nothing is. */
  message: string | null;
}

/**
 * Gives deployments the nodes they should have. Nodes register by themselves and gateways place
 * versions on them, so a backend starts and stops nodes and loads nothing. Every call may be made
 * again at any time, also by another process after a crash: it says what should be, not what to do.
 */
export interface ScalingBackend {
  readonly name: ScalingBackendName;
  /** Whether it starts and ends nodes, so that roll-outs may move replica by replica. */
  readonly ownsNodes: boolean;
  /**
   * The most replicas a deployment can have here; more are not asked for. Infinity where the backend
   * can always make another.
   */
  capacity(desired: Pick<DesiredScale, "nodeSelector" | "versions">): number;
  /** Throws unavailable with the reason for people; it is asked again later. */
  apply(desired: DesiredScale): Promise<void>;
  /** Null for a deployment it knows nothing of. Throws unavailable. */
  status(ref: ScaledRef): Promise<ScaleStatus | null>;
  /** Gives back what was made for a deployment that is gone; done as well when there is nothing. */
  remove(ref: ScaledRef): Promise<void>;
  /**
   * Called after every deployment's turn, with all that are live: for what they share, and to give
   * back what was made for deployments that went while nobody looked.
   */
  settle?(all: readonly DesiredScale[]): Promise<void>;
  close(): Promise<void>;
}
