import { ProtocolError, quoted } from "./protocol-error";
import type { Parameters } from "./tensor";

const RESERVED = new Set(["priority", "timeout", "headers", "binary_data_output", "unit"]);

/** Whether the protocol's extensions, or we, give a request parameter of this name a meaning. */
export function isReservedParameter(name: string): boolean {
  return RESERVED.has(name) || name.startsWith("triton_") || name.startsWith("sequence_");
}

/** What a reply repeats of a request's parameters: those that mean something to the caller alone. */
export function echoedParameters(parameters: Parameters): Parameters {
  const echoed: Parameters = new Map();
  for (const [name, value] of parameters) if (!isReservedParameter(name)) echoed.set(name, value);
  return echoed;
}

/** Refuses tensors that lie in memory shared with the caller. Throws ProtocolError 501. */
export function refuseSharedMemory(parameters: Parameters | undefined, tensor: string): void {
  if (parameters?.has("shared_memory_region"))
    throw new ProtocolError(
      501,
      `tensor ${quoted(tensor)}: shared memory is not supported, send the tensor with the request`,
    );
}
