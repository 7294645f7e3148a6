import type { Departure } from "@/server/kernel/departure";
import { classify } from "@/server/node/http/classify";
import type { NodeContext } from "@/server/node/http/node-context";
import { ProtocolError, parseSchedulePolicy } from "@/server/protocols/open-inference/codec";
import {
  readAddress,
  readInferRequest,
} from "@/server/protocols/open-inference/grpc/read-infer-request";
import { writeInferResponse } from "@/server/protocols/open-inference/grpc/write-infer-response";

/** Models on this node are single versions of their own. */
const VERSION = "1";

/** Throws ProtocolError 404 for any version but the one there is. */
export function checkVersion(version: string | undefined): void {
  if (version !== undefined && version !== "" && version !== VERSION)
    throw new ProtocolError(404, `only version ${VERSION} exists here`);
}

/** One ModelInferRequest, as bytes, answered. Throws ProtocolError. */
export async function answerInfer(
  { store, bodyBytesMax }: NodeContext,
  bytes: Buffer,
  signal: Departure,
  isStream = false,
): Promise<Buffer> {
  const { name, version } = readAddress(bytes);
  checkVersion(version);
  return store.use(name, async (model) => {
    const { request, echoed, isRaw, wantsFinal } = readInferRequest(bytes, {
      tensorBytesMax: bodyBytesMax,
    });
    const result = await model.infer({
      inputs: request.inputs,
      outputs: request.outputs?.map((output) => output.name),
      ...parseSchedulePolicy(request.parameters),
      abandoned: () => signal.aborted,
    });
    const counts = new Map(request.outputs?.map((one) => [one.name, one.classification]));
    const outputs = result.outputs.map((output) => {
      const best = counts.get(output.name);
      return best === undefined ? output : classify(output, best, model.signature);
    });
    return writeInferResponse({
      modelName: name,
      modelVersion: VERSION,
      id: request.id,
      echoed,
      outputs,
      isRaw,
      isFinal: isStream && wantsFinal,
    });
  });
}
