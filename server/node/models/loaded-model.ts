import { Batcher, type BatchResult } from "@/server/node/batching/batcher";
import { CallCost } from "@/server/node/batching/call-cost";
import { concatenateTensors, sliceTensor } from "@/server/node/batching/merge-tensors";
import type { OnnxSession } from "@/server/node/onnx/onnx-session";
import type { ModelStats } from "@/server/node/stats/model-stats";
import {
  badRequest,
  ProtocolError,
  type Signature,
  type Tensor,
  type TensorSpec,
} from "@/server/protocols/open-inference/codec";
import { checkInputs, checkOutputs } from "./check-inputs";
import { emptyAnswer } from "./empty-answer";
import type { ModelConfig } from "./load-request";
import { QUEUES_MAX } from "./queue-id";
import { queuePolicy } from "./queue-policy";
import type { WarmUp } from "./warm-up";

export type InferCall = {
  inputs: readonly Tensor[];
  /** Undefined: all outputs. */
  outputs: readonly string[] | undefined;
  timeoutMs: number | undefined;
  /** 1 is the highest; undefined for the model's default. */
  priority: number | undefined;
  /** The number of the queue to wait in; the model's own when undefined or not known. */
  queue?: number | undefined;
  abandoned: () => boolean;
};

/**
 * A model in memory. It counts its callers, so that `retire` gives the memory back only when the
 * last of them has its answer.
 */
export class LoadedModel {
  private readonly batcher: Batcher;
  /** Deployments of one version that queue differently, each with a queue of its own. */
  private readonly queues = new Map<number, Batcher>();
  /** What a call costs is the model's, whoever asks. */
  private readonly cost = new CallCost();
  private callers = 0;
  private drained: (() => void) | undefined;
  private readonly fixedShapes: boolean;

  constructor(
    private readonly session: OnnxSession,
    readonly signature: Signature | undefined,
    private readonly warm: Pick<WarmUp, "rowsAreIndependent" | "rowMs">,
    /** Bytes of the ONNX file: what the cache counts. */
    readonly bytes: number,
    private readonly stats: ModelStats,
  ) {
    this.batcher = new Batcher(session, queuePolicy({}, warm), stats, this.cost);
    this.fixedShapes = session.inputs.every((spec) => !spec.shape.includes(-1, 1));
  }

  /** Another policy of the model's own queue; nothing is loaded again and nothing is lost. */
  configure(config: ModelConfig): void {
    this.batcher.configure(queuePolicy(config, this.warm));
  }

  /** A further queue for requests that name its number, which stands for its policy. */
  addQueue(queue: number, config: ModelConfig): void {
    if (this.queues.has(queue)) return;
    const [oldest] = this.queues.keys();
    // What waits there is still answered; later requests of its deployment take the model's own.
    if (this.queues.size >= QUEUES_MAX && oldest !== undefined) this.queues.delete(oldest);
    const policy = queuePolicy(config, this.warm);
    this.queues.set(queue, new Batcher(this.session, policy, this.stats, this.cost));
  }

  private queueOf({ queue }: InferCall): Batcher {
    return (queue === undefined ? undefined : this.queues.get(queue)) ?? this.batcher;
  }

  get inputs(): readonly TensorSpec[] {
    return this.session.inputs;
  }

  get outputs(): readonly TensorSpec[] {
    return this.session.outputs;
  }

  /** Rows that may run as one call; 0 when this model's requests are never merged. */
  get rowsMax(): number {
    return this.batcher.rowsLimit;
  }

  /** Requests it is answering, waiting ones among them. */
  get callersNow(): number {
    return this.callers;
  }

  get isIdle(): boolean {
    return this.callers === 0;
  }

  /** Checks the inputs, queues the call and answers. Throws ProtocolError. */
  async infer(call: InferCall): Promise<BatchResult> {
    this.callers++;
    try {
      const inputs = checkInputs(this.session.inputs, call.inputs);
      if (call.outputs !== undefined) checkOutputs(this.session.outputs, call.outputs);
      return await this.enqueue(inputs, call);
    } finally {
      this.callers--;
      if (this.callers === 0) this.drained?.();
    }
  }

  private async enqueue(inputs: readonly Tensor[], call: InferCall): Promise<BatchResult> {
    const { outputs, timeoutMs, priority, abandoned } = call;
    const batcher = this.queueOf(call);
    const rowsMax = batcher.rowsLimit;
    if (rowsMax === 0) {
      const work = { inputs, outputs, rows: 1, key: undefined, timeoutMs, priority, abandoned };
      return batcher.submit(work);
    }
    const rows = rowsOf(inputs);
    if (rows === 0) return emptyAnswer(this.session.outputs, outputs);
    const key = this.keyOf(inputs, outputs);
    if (rows <= rowsMax)
      return batcher.submit({ inputs, outputs, rows, key, timeoutMs, priority, abandoned });
    // One slice after the other, so that other requests have their turn in between.
    const results: BatchResult[] = [];
    for (let from = 0; from < rows; from += rowsMax) {
      const to = Math.min(rows, from + rowsMax);
      const part = inputs.map((input) => sliceTensor(input, from, to));
      const slice = { inputs: part, outputs, rows: to - from, key };
      const work = { ...slice, timeoutMs, priority, abandoned };
      results.push(await batcher.submit(work));
      if (abandoned()) throw new ProtocolError(503, "the caller is gone");
    }
    return joinSlices(results);
  }

  /** Requests that differ in an inner dimension or in the outputs they want cannot run together. */
  private keyOf(inputs: readonly Tensor[], outputs: readonly string[] | undefined): string {
    if (this.fixedShapes && outputs === undefined) return "";
    return JSON.stringify([inputs.map((input) => input.shape.slice(1)), outputs ?? null]);
  }

  /** Waits for the last caller, then gives the memory back. Called once. */
  async retire(): Promise<void> {
    if (this.callers > 0)
      await new Promise<void>((resolve) => {
        this.drained = resolve;
      });
    await this.session.release();
  }
}

function rowsOf(inputs: readonly Tensor[]): number {
  const rows = inputs[0]?.shape[0] ?? 0;
  for (const input of inputs)
    if (input.shape[0] !== rows)
      throw badRequest("all inputs must have the same number of rows (first dimension)");
  return rows;
}

function joinSlices(results: readonly BatchResult[]): BatchResult {
  const outputs = (results[0]?.outputs ?? []).map((_, at) =>
    concatenateTensors(results.flatMap((result) => result.outputs[at] ?? [])),
  );
  return {
    outputs,
    queueMs: results.reduce((sum, result) => sum + result.queueMs, 0),
    computeMs: results.reduce((sum, result) => sum + result.computeMs, 0),
    batchRows: Math.max(...results.map((result) => result.batchRows)),
  };
}
