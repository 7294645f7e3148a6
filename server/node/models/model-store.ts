import type { NodeLog } from "@/server/node/node-log";
import { ModelStats } from "@/server/node/stats/model-stats";
import { ProtocolError, quoted } from "@/server/protocols/open-inference/codec";
import { loadModel, type ReadArtifact } from "./load-model";
import type { LoadRequest, ModelConfig } from "./load-request";
import type { LoadedModel } from "./loaded-model";
import { QUEUES_MAX } from "./queue-id";

/** Models that may be known at once, in memory or evicted. */
const MODELS_MAX = 10_000;
/** Refused loads that the index still tells about. */
const FAILURES_MAX = 100;
/** A model just loaded can be evicted for another before its request runs: tries before giving up. */
const RELOADS_MAX = 5;

type Entry = {
  request: LoadRequest;
  stats: ModelStats;
  /** Policies of further queues by number, for when the model comes back. */
  queues: Map<number, ModelConfig>;
  /** Undefined while evicted; the next request loads it again. */
  model: LoadedModel | undefined;
  lastUsed: number;
};

export type IndexEntry = {
  name: string;
  version: string;
  state: "READY" | "UNAVAILABLE";
  reason: string;
};

type ModelStoreOptions = {
  readArtifact: ReadArtifact;
  cacheBytesMax: number;
  /** Models that may be in memory at once. */
  modelsMax: number;
  intraOpThreads: number;
  log: NodeLog;
};

/**
 * The models of this node: which are known, which of them are in memory. What is in memory stays
 * within `cacheBytesMax` (bytes of ONNX files) and `modelsMax`; the least recently used are evicted
 * first and come back with their next request. Memory is given back when the last caller of a model is served.
 */
export class ModelStore {
  private readonly entries = new Map<string, Entry>();
  private readonly pending = new Map<string, { fingerprint: string; done: Promise<void> }>();
  private readonly failures = new Map<string, string>();
  private bytesReserved = 0;
  private uses = 0;

  constructor(private readonly options: ModelStoreOptions) {}

  /** The model when it is in memory, without waiting; counts as a use. */
  resident(name: string): LoadedModel | undefined {
    const entry = this.entries.get(name);
    if (entry === undefined) return undefined;
    entry.lastUsed = ++this.uses;
    return entry.model;
  }

  isKnown(name: string): boolean {
    return this.entries.has(name);
  }

  statsOf(name: string): ModelStats | undefined {
    return this.entries.get(name)?.stats;
  }

  names(): string[] {
    return [...this.entries.keys()];
  }

  /** Requests at work in all models. */
  get inFlight(): number {
    let sum = 0;
    for (const { model } of this.entries.values()) sum += model?.callersNow ?? 0;
    return sum;
  }

  /** Of these, those that wait for their model. */
  get queued(): number {
    let sum = 0;
    for (const { stats } of this.entries.values()) sum += stats.pending;
    return sum;
  }

  get bytesInMemory(): number {
    let bytes = 0;
    for (const entry of this.entries.values()) bytes += entry.model?.bytes ?? 0;
    return bytes;
  }

  /**
   * Calls `work` with the model, loaded again if it was evicted. `work` must begin its call of the
   * model before it awaits anything: from then on the model stays in memory until it has answered.
   * Throws ProtocolError 404 or 503.
   */
  async use<T>(name: string, work: (model: LoadedModel) => T | Promise<T>): Promise<T> {
    for (let attempt = 0; attempt < RELOADS_MAX; attempt++) {
      const model = this.resident(name);
      if (model !== undefined) return work(model);
      await this.reload(name);
    }
    throw new ProtocolError(503, "more models are in use than fit into this node's memory", 1);
  }

  private async reload(name: string): Promise<void> {
    const entry = this.entries.get(name);
    if (entry === undefined) throw unknownModel(name);
    const pending = this.pending.get(name);
    try {
      // A load already on its way may be that of a newer version, which must not be undone.
      await (pending?.done ?? this.load(entry.request));
    } catch (error) {
      this.options.log.error({ model: name, error: String(error) }, "evicted model does not load");
      if (error instanceof ProtocolError && error.status === 404) {
        // Its bytes are elsewhere or gone: whoever asks is told to load it anew.
        if (this.entries.get(name) === entry) this.entries.delete(name);
        throw unknownModel(name);
      }
      throw new ProtocolError(503, `model ${quoted(name)} cannot be loaded again at the moment`, 1);
    }
  }

  /**
   * Loads or replaces a model; does nothing when the same is in memory. Equal loads at the same time
   * are one. When it throws (ProtocolError), what was there before still answers.
   */
  async load(request: LoadRequest): Promise<void> {
    const { name, fingerprint } = request;
    for (;;) {
      const pending = this.pending.get(name);
      if (pending === undefined) break;
      if (pending.fingerprint === fingerprint && request.config === undefined) return pending.done;
      await pending.done.catch(() => undefined);
    }
    const entry = this.entries.get(name);
    if (entry?.model !== undefined && entry.request.fingerprint === fingerprint) {
      // The same bytes may lie elsewhere by now: kept for when the model comes back from eviction.
      entry.request = { ...request, config: request.config ?? entry.request.config };
      noteQueue(entry.queues, request);
      for (const [queue, config] of entry.queues) entry.model.addQueue(queue, config);
      if (request.config !== undefined) entry.model.configure(request.config);
      return;
    }
    const done = this.replace(request).finally(() => this.pending.delete(name));
    this.pending.set(name, { fingerprint, done });
    return done;
  }

  private async replace(request: LoadRequest): Promise<void> {
    const { name } = request;
    const known = this.entries.get(name);
    if (known === undefined && this.entries.size >= MODELS_MAX)
      throw new ProtocolError(503, `this node already knows ${MODELS_MAX} models`, 1);
    const stats = known?.stats ?? new ModelStats();
    const queues = known?.queues ?? new Map<number, ModelConfig>();
    noteQueue(queues, request);
    if (known?.request.fingerprint === request.fingerprint) request.config ??= known.request.config;
    const started = performance.now();
    let model: LoadedModel;
    let reserved = 0;
    try {
      reserved = request.sizeBytes ?? 0;
      this.bytesReserved += reserved;
      await this.makeRoom(name);
      const { readArtifact, cacheBytesMax, intraOpThreads } = this.options;
      const limits = { bytesMax: cacheBytesMax, intraOpThreads };
      model = await loadModel(request, readArtifact, limits, stats);
    } catch (error) {
      this.rememberFailure(name, error);
      throw error;
    } finally {
      this.bytesReserved -= reserved;
    }
    for (const [queue, config] of queues) model.addQueue(queue, config);
    const old = this.entries.get(name)?.model;
    this.failures.delete(name);
    this.entries.set(name, { request, stats, queues, model, lastUsed: ++this.uses });
    const ms = Math.round(performance.now() - started);
    const { bytes, rowsMax } = model;
    this.options.log.info({ model: name, bytes, rowsMax, ms }, "model loaded");
    if (old !== undefined) void this.retire(name, old);
    await this.makeRoom(name);
  }

  private hasRoom(keep: string): boolean {
    const { cacheBytesMax, modelsMax } = this.options;
    if (this.bytesInMemory + this.bytesReserved > cacheBytesMax) return false;
    let others = 0;
    for (const [name, { model }] of this.entries) if (model && name !== keep) others++;
    return others < modelsMax;
  }

  /** Evicts the least recently used models, never `keep`, until the rest fits. */
  private async makeRoom(keep: string): Promise<void> {
    while (!this.hasRoom(keep)) {
      let victim: [string, Entry] | undefined;
      for (const candidate of this.entries) {
        const [name, entry] = candidate;
        if (name === keep || entry.model === undefined) continue;
        if (victim === undefined || isBetterVictim(entry, victim[1])) victim = candidate;
      }
      if (victim === undefined) return;
      const [name, entry] = victim;
      const model = entry.model;
      entry.model = undefined;
      this.options.log.info({ model: name, bytes: model?.bytes }, "model evicted");
      if (model !== undefined) await this.retire(name, model);
    }
  }

  /** Forgets a model once its requests are answered. Throws ProtocolError 404. */
  async unload(name: string): Promise<void> {
    await this.pending.get(name)?.done.catch(() => undefined);
    const entry = this.entries.get(name);
    this.failures.delete(name);
    if (entry === undefined) throw unknownModel(name);
    this.entries.delete(name);
    if (entry.model !== undefined) await this.retire(name, entry.model);
    this.options.log.info({ model: name }, "model unloaded");
  }

  private async retire(name: string, model: LoadedModel): Promise<void> {
    try {
      await model.retire();
    } catch (error) {
      this.options.log.error({ model: name, error: String(error) }, "model was not released");
    }
  }

  private rememberFailure(name: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.options.log.warn({ model: name, reason }, "model load refused");
    this.failures.delete(name);
    this.failures.set(name, reason);
    const [oldest] = this.failures.keys();
    if (this.failures.size > FAILURES_MAX && oldest !== undefined) this.failures.delete(oldest);
  }

  /** Known models and refused loads, as the repository index tells them. */
  index(readyOnly: boolean): IndexEntry[] {
    const list: IndexEntry[] = [];
    for (const [name, entry] of this.entries) {
      const reason = entry.model === undefined ? "evicted; loads with its next request" : "";
      list.push({ name, version: "1", state: "READY", reason });
    }
    if (readyOnly) return list;
    for (const [name, reason] of this.failures)
      if (!this.entries.has(name)) list.push({ name, version: "", state: "UNAVAILABLE", reason });
    return list;
  }

  /** Waits for running requests and releases everything. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.pending.values()].map((pending) => pending.done));
    await Promise.all(this.names().map((name) => this.unload(name)));
  }
}

function noteQueue(queues: Map<number, ModelConfig>, { queue, config }: LoadRequest): void {
  if (queue === undefined || config === undefined) return;
  queues.delete(queue);
  queues.set(queue, config);
  const [oldest] = queues.keys();
  if (queues.size > QUEUES_MAX && oldest !== undefined) queues.delete(oldest);
}

function isBetterVictim(candidate: Entry, best: Entry): boolean {
  const idle = candidate.model?.isIdle ?? true;
  const bestIdle = best.model?.isIdle ?? true;
  return idle === bestIdle ? candidate.lastUsed < best.lastUsed : idle;
}

export function unknownModel(name: string): ProtocolError {
  return new ProtocolError(404, `model ${quoted(name)} is not known to this node`);
}
