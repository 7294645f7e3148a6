import type { Readable } from "node:stream";
import type { Tensor, TensorSpec } from "@/server/protocols/open-inference/codec";
import type { Outbound } from "./outbound";
import type { SecretBox } from "./secret-box";

/** Content-addressed bytes. Keys are ours, never a request's string. */
export interface ObjectStore {
  /** Streams content in; answers its SHA-256 (lower-case hex) and size. Nothing stays when it throws. */
  put(
    workspaceId: string,
    content: Readable,
    limitBytes: number,
  ): Promise<{ sha256: string; sizeBytes: number }>;
  /** Bytes `start` to `end` inclusive, whole when absent. Throws not_found. */
  get(
    workspaceId: string,
    sha256: string,
    range?: { start: number; end: number },
  ): Promise<Readable>;
  delete(workspaceId: string, sha256: string): Promise<void>;
  /** Removes sealed bytes whose key the books hold no more; done as well when they are gone. */
  discard(workspaceId: string, objectId: string): Promise<void>;
  /** What a reader beside us needs to open this one object. A secret. Throws not_found. */
  access(workspaceId: string, sha256: string): Promise<ObjectAccess>;
}

/** Where one object lies and the key that opens it and no other. */
export interface ObjectAccess {
  workspaceId: string;
  objectId: string;
  /** 32 bytes in base64. */
  key: string;
  /** Of the plain content. */
  sizeBytes: number;
}

/** Of model files that are no ONNX; nodes in Python run them. */
export type ModelFormat = "pt2" | "xgboost" | "lightgbm" | "skops";

/** What an inference node must hold to answer for a model version. */
export interface NodeModel {
  workspaceId: string;
  versionId: string;
  /** SHA-256 of the model file, lower-case hex. */
  sha256: string;
  sizeBytes: number;
  /** ONNX when absent. */
  format?: ModelFormat | undefined;
  signature: unknown;
  /** How a node queues its requests, as a load request says it; absent keeps what the node has. */
  batching?: unknown;
  /** The number of the queue that `batching` describes, which its requests name. */
  queue?: number | undefined;
  /** Labels the nodes that hold it must have; any node when absent. */
  selector?: Readonly<Record<string, string>> | undefined;
  /** Which it is asked for; nodes that are kept for another do not take it. */
  deploymentId?: string | undefined;
  /**
   * The version whose place it takes replica by replica: it is placed from the other end of that
   * one's nodes, so that both sides have nodes of their own.
   */
  opposite?: string | undefined;
  /** Set where the version runs on a server elsewhere; then the file's fields are empty. */
  remote?: RemoteModel | undefined;
}

/** A model on an Open Inference server that is not ours. */
export interface RemoteModel {
  url: string;
  model: string;
  /** The server's choice when null. */
  version: string | null;
  /** Whether the server takes binary tensors. */
  binary: boolean;
  /** Our name of an output → the server's, where they differ. */
  outputs: Readonly<Record<string, string>>;
  credential: "none" | "bearer" | "basic" | "header";
  /** The header a credential of that kind goes in. */
  headerName: string | null;
  /** Sealed under the version's place in the secret box; null for no credential. */
  secret: Buffer | null;
}

/** What a node tells of a model it holds. */
export interface ModelDescription {
  inputs: TensorSpec[];
  outputs: TensorSpec[];
  /** Of native models: names of the columns in the model's order, and what label indices stand for. */
  columns?: string[] | undefined;
  classes?: (string | number | boolean)[] | undefined;
}

/** One inference node as a deployment sees it; `node` is its host and port. */
export interface NodeState {
  node: string;
  reachable: boolean;
  loaded: boolean;
}

/** The inference nodes, as deployments use them. */
export interface InferenceNodes {
  /**
   * Loads on up to `replicas` reachable nodes; answers how many hold the model then. Throws invalid
   * when a node refuses the model, unavailable when none can be reached.
   */
  load(model: NodeModel, replicas: number): Promise<number>;
  /** Runs a model on one of its nodes, which loads it first when it has to. Throws unavailable. */
  infer(
    model: NodeModel,
    replicas: number,
    tensors: readonly Tensor[],
    /** Names of the outputs wanted; all when absent. */
    outputs?: readonly string[],
    options?: {
      timeoutMs?: number;
      priority?: number | undefined;
      signal?: AbortSignal;
      /** Times it may be sent again. */
      retries?: number;
    },
  ): Promise<{ tensors: Tensor[]; timings: { computeMs: number } }>;
  /** Done as well where a node is away or does not know the model. */
  unload(model: Pick<NodeModel, "workspaceId" | "versionId">): Promise<void>;
  inspect(model: Pick<NodeModel, "workspaceId" | "versionId" | "selector">): Promise<NodeState[]>;
  /** Whether a node that answers now would take such a model. */
  fits(model: Pick<NodeModel, "format" | "selector">): boolean;
  /** The tensors of a model, as a node tells them that holds it. Throws unavailable. */
  describe(model: NodeModel): Promise<ModelDescription>;
  /** True for the token that nodes of this installation show. */
  isToken(text: string | undefined): boolean;
  /** Every node this process knows. */
  addresses(): { url: string; reachable: boolean }[];
  /** The versions a node holds; null when it cannot be asked. */
  modelsOn(url: string): Promise<Pick<NodeModel, "workspaceId" | "versionId">[] | null>;
}

/** Answers predictions inside this process; the web process has one. */
export interface PredictionPort {
  predict(
    caller: { workspaceId: string; requestId: string },
    target: { deployment: string } | { model: string },
    body: unknown,
  ): Promise<unknown>;
}

/** A native model to become ONNX. */
export interface ConversionTask {
  id: string;
  /** sklearn, xgboost, lightgbm */
  flavor: string;
  /** native, skops, pickle */
  form: string;
  /** Columns in MLflow's own form; null where nobody said them. */
  columns: unknown;
  model: { path: string; sizeBytes: number; open: () => Promise<Readable> };
  /** MLflow's input_example.json, if there is one. */
  example: { sizeBytes: number; open: () => Promise<Readable> } | null;
}

/** How a conversion ended. Everything in it comes from a place that may be hostile. */
export interface ConversionEnd {
  /** Which walls stood, as they were told before the model was read; null when it did not start. */
  walls: unknown;
  /** Output, the first part of it. */
  log: string;
  /** What a person should read; null when there is a result. */
  error: string | null;
  /** The file that should be ONNX, and what is said of it. */
  result: { onnx: () => Readable; description: unknown } | null;
}

/** Converts native models, each in a sandbox of its own. */
export interface ModelConverter {
  /**
   * Runs one conversion and hands its end to `use`, after which its files are gone. Throws
   * unavailable when it cannot run now, and the reason of `signal` when that is given.
   */
  convert<T>(
    task: ConversionTask,
    signal: AbortSignal,
    use: (end: ConversionEnd) => Promise<T>,
  ): Promise<T>;
}

/** How the pods of a deployment's nodes do, where a cluster runs them. */
export interface PodWatcher {
  /** Null where the cluster has none for it. `message` says what is in the way, for people. */
  podsOf(deployment: {
    workspaceId: string;
    deploymentId: string;
  }): Promise<{ replicas: number; ready: number; message: string | null } | null>;
}

/** Signs tokens that stand for an API key for a few minutes. */
export interface TokenSigner {
  sign(
    token: { keyId: string; publicId: string; scopes: string[] | null },
    now: Date,
  ): Promise<string>;
}

/** What the product needs from outside, handed in so that tests need no module mocks. */
export interface Ports {
  objects: ObjectStore;
  /** Absent in processes that reach no inference node. */
  nodes?: InferenceNodes;
  /** Absent where nodes are no pods. */
  pods?: PodWatcher;
  /** Whether nodes are started and ended as deployments want them; known to the worker alone. */
  ownsReplicas?: boolean;
  /** Absent outside the web process. */
  predictions?: PredictionPort;
  /** Absent outside the worker. */
  converter?: ModelConverter;
  /** These three follow from the installation's secret; absent where none was handed in. */
  secrets?: SecretBox;
  tokens?: TokenSigner;
  outbound?: Outbound;
}
