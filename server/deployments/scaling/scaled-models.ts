import type { NodeModel } from "@/server/kernel/ports";
import type { DesiredScale } from "./backend";

type ScaledModel = Pick<NodeModel, "format" | "selector">;

/** What nodes are chosen by for a deployment's versions, each once; of one without versions, ONNX. */
export function modelsOf({
  versions,
  nodeSelector: selector,
}: Pick<DesiredScale, "versions" | "nodeSelector">): ScaledModel[] {
  const formats = new Set(versions.map(({ format }) => format));
  if (formats.size === 0) return [{ format: undefined, selector }];
  return [...formats].map((format) => ({ format, selector }));
}
