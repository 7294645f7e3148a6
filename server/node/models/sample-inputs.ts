import {
  allocate,
  type Datatype,
  elementCount,
  type Signature,
  type Tensor,
  type TensorData,
  type TensorSpec,
} from "@/server/protocols/open-inference/codec";

/** A number in [0, 1) for each call; the sequence follows from the seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Input tensors of `rows` rows; other variable dimensions have the length 1. */
export function sampleInputs(
  specs: readonly TensorSpec[],
  signature: Signature | undefined,
  rows: number,
  random: (() => number) | "zero",
): Tensor[] {
  return specs.map((spec) => {
    const shape = spec.shape.map((length, at) => (length >= 0 ? length : at === 0 ? rows : 1));
    const count = elementCount(spec.name, shape);
    const draw = random === "zero" ? undefined : cellSampler(spec, signature, random);
    const data = sampleData(spec.datatype, count, draw);
    return { name: spec.name, datatype: spec.datatype, shape, data };
  });
}

type Draw = (at: number) => number | string;

function sampleData(datatype: Datatype, count: number, draw: Draw | undefined): TensorData {
  if (datatype === "BYTES")
    return Array.from({ length: count }, (_, at) => String(draw?.(at) ?? ""));
  const data = allocate(datatype, count);
  if (draw === undefined) return data;
  for (let at = 0; at < count; at++) {
    const value = Number(draw(at));
    data[at] =
      data instanceof BigInt64Array || data instanceof BigUint64Array
        ? BigInt(Math.trunc(value))
        : value;
  }
  return data;
}

/** Values within the ranges and categories that the signature knows, else small ones. */
function cellSampler(
  spec: TensorSpec,
  signature: Signature | undefined,
  random: () => number,
): Draw {
  const input = signature?.inputs.find((candidate) => candidate.name === spec.name);
  const features = input?.columns.map((column) =>
    signature?.features.find((feature) => feature.name === column),
  );
  const whole = !spec.datatype.startsWith("FP");
  return (at) => {
    const feature = features?.[at % features.length];
    if (spec.datatype === "BYTES") {
      const categories = feature?.categories ?? [];
      return categories[Math.floor(random() * categories.length)] ?? "";
    }
    if (feature === undefined) return whole ? Math.floor(random() * 2) : random();
    const min = feature.min ?? 0;
    const max = feature.max ?? 1;
    const value = min + random() * (max - min);
    return feature.type === "number" ? value : Math.round(value);
  };
}
