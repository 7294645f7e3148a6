import type { TensorSpec } from "@/server/protocols/open-inference/codec";
import type { SignatureHints } from "./schemas";
import { UnfitModel } from "./unfit-model";

/** Our name for an output → the graph's own. */
export type Renames = ReadonlyMap<string, string>;

/**
 * Which outputs need another name: those the uploader says, or the only one of a regression, which
 * converters call variable or output. Throws UnfitModel for one the graph does not have.
 */
export function renamesFor(outputs: readonly TensorSpec[], hints: SignatureHints): Renames {
  const names = outputs.map(({ name }) => name);
  const wanted = Object.entries(hints.outputs ?? {}).filter((pair) => pair[1] !== undefined);
  const [only] = names;
  if (wanted.length === 0 && hints.task === "regression" && names.length === 1 && only) {
    wanted.push(["prediction", only]);
  }
  const renames = new Map<string, string>();
  for (const [ours, theirs = ""] of wanted) {
    if (!names.includes(theirs)) {
      throw new UnfitModel(`The graph has no output ${theirs}: it has ${names.join(", ")}.`);
    }
    if (ours === theirs) continue;
    if (names.includes(ours)) {
      throw new UnfitModel(`The graph has an output ${ours} already, so ${theirs} cannot be it.`);
    }
    renames.set(ours, theirs);
  }
  return renames;
}

/** TensorProto.DataType of what an output may be. */
const ELEMENT: Partial<Record<TensorSpec["datatype"], number>> = {
  FP32: 1,
  INT32: 6,
  INT64: 7,
  FP64: 11,
};

/**
 * Bytes that give a model's outputs further names when they follow its file: a second `graph` field,
 * which protobuf merges into the first (protobuf.dev, "last one wins", embedded messages), with one
 * Identity node and one output a name. Throws UnfitModel for outputs that are no numbers.
 */
export function renamingBytes(outputs: readonly TensorSpec[], renames: Renames): Buffer {
  if (renames.size === 0) return Buffer.alloc(0);
  const parts = [...renames].flatMap(([ours, theirs]) => {
    const spec = outputs.find(({ name }) => name === theirs);
    const element = spec && ELEMENT[spec.datatype];
    if (!spec || element === undefined) throw new UnfitModel(`The output ${theirs} is no number.`);
    const node = [field(1, theirs), field(2, ours), field(4, "Identity")];
    const dims = spec.shape.map((length) =>
      field(1, length < 0 ? field(2, "rows") : integer(1, length)),
    );
    const type = field(1, Buffer.concat([integer(1, element), field(2, Buffer.concat(dims))]));
    return [
      field(1, Buffer.concat(node)),
      field(12, Buffer.concat([field(1, ours), field(2, type)])),
    ];
  });
  return field(7, Buffer.concat(parts));
}

/** Protobuf's base-128 integers and length-prefixed fields. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}

const integer = (number: number, value: number): Buffer =>
  Buffer.concat([varint(number * 8), varint(value)]);

function field(number: number, content: string | Buffer): Buffer {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}
