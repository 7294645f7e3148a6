import {
  badRequest,
  quoted,
  type Signature,
  type Tensor,
} from "@/server/protocols/open-inference/codec";

/**
 * The classification extension: for each row the `count` largest values as "value:index", followed
 * by ":label" where the signature names the classes. Throws ProtocolError 400 for outputs that
 * cannot be ranked.
 */
export function classify(output: Tensor, count: number, signature: Signature | undefined): Tensor {
  const { name, datatype, shape, data } = output;
  if (datatype === "BYTES" || datatype === "FP16" || datatype === "BF16")
    throw badRequest(`output ${quoted(name)} of type ${datatype} cannot be classified`);
  const rows = shape.length > 1 ? (shape[0] ?? 0) : 1;
  const width = rows === 0 ? 0 : data.length / rows;
  const best = Math.min(count, width);
  const labels = signature?.classes?.length === width ? signature.classes : undefined;
  const values = Array.from(data as ArrayLike<number | bigint>, Number);
  const texts: string[] = [];
  for (let row = 0; row < rows; row++) {
    const cells = values.slice(row * width, (row + 1) * width);
    const order = cells.map((_, at) => at).sort((a, b) => (cells[b] ?? 0) - (cells[a] ?? 0));
    for (const at of order.slice(0, best)) {
      const label = labels?.[at];
      texts.push(`${cells[at]?.toFixed(6)}:${at}${label === undefined ? "" : `:${label}`}`);
    }
  }
  const inner = shape.length > 1 ? [rows, best] : [best];
  return { name, datatype: "BYTES", shape: inner, data: texts };
}
