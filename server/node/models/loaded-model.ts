import { Batcher, type BatchResult } from "@/server/node/batching/batcher";
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
import { queuePolicy } from "./queue-policy";
import type { WarmUp } from "./warm-up";

export type InferCall = {
  inputs: readonly Tensor[];
  /** Undefined: all outputs. */
  outputs: readonly string[] | undefined;
  timeoutMs: number | undefined;
  /** 1 is the highest; undefined for the model's default. */
  priority: number | undefined;
  abandoned: () => boolean;
};

/**
 * A model in memory. It counts its callers, so that `retire` gives the memory back only when the
 * last of them has its answer.
 */
export class LoadedModel {
  private readonly batcher: Batcher;
  private callers = 0;
  private drained: (() => void) | undefined;
  private readonly fixedShapes: boolean;

  constructor(
    private readonly session: OnnxSession,
    readonly signature: Signature | undefined,
    private readonly warm: Pick<WarmUp, "rowsAreIndependent" | "rowMs">,
    /** Bytes of the ONNX file: what the cache counts. */
    readonly bytes: number,
    stats: ModelStats,
  ) {
    this.batcher = new Batcher(session, queuePolicy({}, warm), stats);
    this.fixedShapes = session.inputs.every((spec) => !spec.shape.includes(-1, 1));
  }

  /** Another queue policy for the same model; nothing is loaded again and nothing is lost. */
  configure(config: ModelConfig): void {
    this.batcher.configure(queuePolicy(config, this.warm));
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
    const { rowsMax } = this;
    if (rowsMax === 0) {
      const work = { inputs, outputs, rows: 1, key: undefined, timeoutMs, priority, abandoned };
      return this.batcher.submit(work);
    }
    const rows = rowsOf(inputs);
    if (rows === 0) return emptyAnswer(this.session.outputs, outputs);
    const key = this.keyOf(inputs, outputs);
    if (rows <= rowsMax)
      return this.batcher.submit({ inputs, outputs, rows, key, timeoutMs, priority, abandoned });
    // One slice after the other, so that other requests have their turn in between.
    const results: BatchResult[] = [];
    for (let from = 0; from < rows; from += rowsMax) {
      const to = Math.min(rows, from + rowsMax);
      const part = inputs.map((input) => sliceTensor(input, from, to));
      const slice = { inputs: part, outputs, rows: to - from, key };
      const work = { ...slice, timeoutMs, priority, abandoned };
      results.push(await this.batcher.submit(work));
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
