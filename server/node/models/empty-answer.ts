import type { BatchResult } from "@/server/node/batching/batcher";
import { allocate, type Tensor, type TensorSpec } from "@/server/protocols/open-inference/codec";

/**
 * The answer to a request of no rows: outputs of no rows, without a call, since some operators refuse
 * what is empty. A further dimension of any length is 0 long.
 */
export function emptyAnswer(
  specs: readonly TensorSpec[],
  names: readonly string[] | undefined,
): BatchResult {
  const wanted = names ?? specs.map((spec) => spec.name);
  const outputs = wanted.flatMap((name): Tensor[] => {
    const spec = specs.find((candidate) => candidate.name === name);
    if (spec === undefined) return [];
    const shape = spec.shape.map((length, at) => (at === 0 ? 0 : Math.max(0, length)));
    const data = spec.datatype === "BYTES" ? [] : allocate(spec.datatype, 0);
    return [{ name, datatype: spec.datatype, shape, data }];
  });
  return { outputs, queueMs: 0, computeMs: 0, batchRows: 0 };
}
