import { InferenceSession } from "onnxruntime-node";
import {
  badRequest,
  ProtocolError,
  type Tensor,
  type TensorSpec,
} from "@/server/protocols/open-inference/codec";
import { datatypeOf, fromOrtTensor, toOrtTensor } from "./ort-tensors";

export type RunResult = {
  outputs: Tensor[];
  /** Milliseconds the thread spent in the model, without the wait for the thread. */
  computeMs: number;
};

/** A model in memory, ready to be called. */
export type OnnxSession = {
  inputs: TensorSpec[];
  outputs: TensorSpec[];
  /**
   * Runs the model on one tensor per input and gives the named outputs, all when undefined. The
   * call occupies the thread while it computes. Throws ProtocolError 400 for input that the graph
   * cannot take, 503 when memory is short.
   */
  run: (inputs: readonly Tensor[], outputs: readonly string[] | undefined) => Promise<RunResult>;
  /** Gives the memory back; the session must not be used afterwards. */
  release: () => Promise<void>;
};

/**
 * Makes a session from the bytes of an inspected ONNX file with `intraOpThreads` threads for one
 * operator. Throws ProtocolError 400 when the runtime refuses the model.
 */
export async function createOnnxSession(
  bytes: Uint8Array,
  intraOpThreads: number,
): Promise<OnnxSession> {
  let session: InferenceSession;
  try {
    session = await InferenceSession.create(bytes, {
      intraOpNumThreads: intraOpThreads,
      interOpNumThreads: 1,
      executionMode: "sequential",
      graphOptimizationLevel: "all",
      logSeverityLevel: 4,
    });
  } catch (error) {
    throw badRequest(`onnxruntime refuses the model: ${reasonOf(error)}`);
  }
  try {
    return wrap(session);
  } catch (error) {
    await session.release();
    throw error;
  }
}

function wrap(session: InferenceSession): OnnxSession {
  const inputs = session.inputMetadata.map((value) => specOf("input", value));
  const outputs = session.outputMetadata.map((value) => specOf("output", value));
  const allOutputs = outputs.map((output) => output.name);
  return {
    inputs,
    outputs,
    run: async (tensors, names) => {
      const feeds: InferenceSession.OnnxValueMapType = {};
      for (const tensor of tensors) {
        // Names are the graph's own by now, yet a graph may call an input __proto__.
        Object.defineProperty(feeds, tensor.name, { value: toOrtTensor(tensor), enumerable: true });
      }
      const wanted = names ?? allOutputs;
      let startedAt = 0;
      // The runtime computes in an immediate of its own; this one runs right before it.
      setImmediate(() => {
        startedAt = performance.now();
      });
      const results = await runSession(session, feeds, wanted);
      const computeMs = performance.now() - startedAt;
      const outputs = wanted.map((name) => {
        const result = results[name];
        if (result === undefined) throw new Error(`output ${name} was not computed`);
        return fromOrtTensor(name, result as Parameters<typeof fromOrtTensor>[1]);
      });
      return { outputs, computeMs };
    },
    release: () => session.release(),
  };
}

async function runSession(
  session: InferenceSession,
  feeds: InferenceSession.OnnxValueMapType,
  names: readonly string[],
): Promise<InferenceSession.OnnxValueMapType> {
  try {
    return await session.run(feeds, [...names]);
  } catch (error) {
    const reason = reasonOf(error);
    if (/allocate|bad_alloc|out of memory/i.test(reason))
      throw new ProtocolError(503, "not enough memory to run the model on this input", 1);
    throw badRequest(`the model cannot run on this input: ${reason}`);
  }
}

function specOf(kind: string, value: InferenceSession.ValueMetadata): TensorSpec {
  if (!value.isTensor)
    throw badRequest(
      `${kind} ${value.name} is a sequence or a map; export the model with plain tensors (zipmap off)`,
    );
  const datatype = datatypeOf(value.type);
  if (datatype === undefined)
    throw badRequest(`${kind} ${value.name} has the type ${value.type}, which is not supported`);
  const shape = value.shape.map((length) => (typeof length === "number" ? length : -1));
  return { name: value.name, datatype, shape };
}

/** The runtime's message without source paths of its build, at most 300 characters. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const text = message
    .replace(/^.*Status Message: /s, "")
    .replace(/\S*\/\S+\.(?:cc|h|cpp):\d+\s*/g, "")
    .replace(/\s+/g, " ")
    .trim();
  return text.slice(0, 300);
}
