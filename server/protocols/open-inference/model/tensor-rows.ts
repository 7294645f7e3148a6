import type { Signature, Tensor } from "@/server/protocols/open-inference/codec";

const utf8 = new TextDecoder();

/**
 * Input tensors as rows of named features, for people and logs; missing values are null. The
 * tensors were accepted by the model, so each has the columns its signature names.
 */
export function tensorRows(
  signature: Signature,
  inputs: readonly Tensor[],
): Record<string, unknown>[] {
  const count = inputs[0]?.shape[0] ?? 0;
  const booleans = new Set(
    signature.features.filter((one) => one.type === "boolean").map((one) => one.name),
  );
  const rows: Record<string, unknown>[] = Array.from({ length: count }, () => ({}));
  for (const spec of signature.inputs) {
    const data = inputs.find((one) => one.name === spec.name)?.data;
    if (!data) continue;
    if (spec.image) {
      const { width, height, channels } = spec.image;
      for (const row of rows)
        row[spec.columns[0] ?? ""] = `image, ${width} × ${height} × ${channels}`;
      continue;
    }
    const width = spec.columns.length;
    rows.forEach((row, at) => {
      spec.columns.forEach((column, offset) => {
        const value = plain(data[at * width + offset]);
        row[column] = booleans.has(column) && value !== null ? value === 1 : value;
      });
    });
  }
  return rows;
}

function plain(value: unknown): unknown {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (value instanceof Uint8Array) return utf8.decode(value) || null;
  if (typeof value === "bigint") return Number(value);
  return value === undefined || value === "" ? null : value;
}
