import type { Tensor } from "@/server/protocols/open-inference/codec";
import type { Variant } from "../gateway/routing-table";

const utf8 = new TextDecoder();

/** A request's first row, for people: features by name, and each output's values. */
export function describeFirstRow(
  variant: Variant,
  inputs: readonly Tensor[],
  sent: readonly Tensor[],
  shadow: readonly Tensor[],
) {
  const features = variant.signature.inputs.flatMap(({ name, columns }) => {
    const data = inputs.find((one) => one.name === name)?.data ?? [];
    return columns.map((column, at) => [column, plain(data[at])] as const);
  });
  return { inputs: Object.fromEntries(features), sent: firstRow(sent), shadow: firstRow(shadow) };
}

const VALUES_MAX = 100;

const firstRow = (outputs: readonly Tensor[]) =>
  Object.fromEntries(
    outputs.map(({ name, shape, data }) => {
      const width = Math.min(VALUES_MAX, data.length / Math.max(1, shape[0] ?? 1));
      return [name, Array.from({ length: width }, (_, at) => plain(data[at]))];
    }),
  );

/** What JSON and jsonb can hold. */
function plain(value: unknown): string | number | null {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "bigint") return Number(value);
  const text = value instanceof Uint8Array ? utf8.decode(value) : value;
  return typeof text === "string" ? text.replaceAll("\0", "\uFFFD").toWellFormed() : null;
}
