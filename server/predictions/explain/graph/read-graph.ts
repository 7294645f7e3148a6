import type { Ensemble } from "../trees/ensemble";
import { isEnsemble, readEnsemble } from "../trees/read-ensemble";
import { type Constant, readTensor } from "./read-tensor";
import { WireCursor } from "./wire-cursor";

/** Lists are empty where an attribute is of another kind. */
export interface Attribute {
  float: number;
  int: number;
  text: string;
  tensor: Constant | null;
  floats: number[];
  ints: number[];
  texts: string[];
}

export interface GraphNode {
  operator: string;
  inputs: string[];
  outputs: string[];
  attributes: ReadonlyMap<string, Attribute>;
  /** Set for tree operators, whose attributes it replaces. */
  ensemble: Ensemble | null;
}

export interface Graph {
  /** Name of a value to the node that computes it. */
  producers: ReadonlyMap<string, GraphNode>;
  constants: ReadonlyMap<string, Constant>;
}

/** Lets others run between the large parts of a large file. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
/** Bytes of a node or an attribute after which others run. */
const LARGE_BYTES = 100_000;

/** The graph of an ONNX file. Throws UnreadableGraph for what is no ONNX file. */
export async function readGraph(bytes: Uint8Array): Promise<Graph> {
  const producers = new Map<string, GraphNode>();
  const constants = new Map<string, Constant>();
  const model = new WireCursor(bytes);
  while (model.next()) {
    if (model.field !== 7) {
      model.skip();
      continue;
    }
    const graph = model.inside();
    while (graph.next()) {
      const from = graph.at;
      if (graph.field === 1) {
        const node = await readNode(graph.inside());
        for (const output of node.outputs) producers.set(output, node);
      } else if (graph.field === 5) {
        const { name, ...constant } = readTensor(graph.inside());
        constants.set(name, constant);
      } else graph.skip();
      if (graph.at - from > LARGE_BYTES) await breathe();
    }
  }
  return { producers, constants };
}

async function readNode(cursor: WireCursor): Promise<GraphNode> {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, Attribute>();
  let operator = "";
  let domain = "";
  while (cursor.next()) {
    const from = cursor.at;
    if (cursor.field === 1) inputs.push(cursor.text());
    else if (cursor.field === 2) outputs.push(cursor.text());
    else if (cursor.field === 4) operator = cursor.text();
    else if (cursor.field === 5) {
      const [name, value] = readAttribute(cursor.inside());
      attributes.set(name, value);
      if (cursor.at - from > LARGE_BYTES) await breathe();
    } else if (cursor.field === 7) domain = cursor.text();
    else cursor.skip();
  }
  if (domain !== "" && domain !== "ai.onnx" && domain !== "ai.onnx.ml")
    operator = `${domain}.${operator}`;
  if (!isEnsemble(operator)) return { operator, inputs, outputs, attributes, ensemble: null };
  const ensemble = readEnsemble(operator, attributes);
  return { operator, inputs, outputs, attributes: new Map(), ensemble };
}

function readAttribute(cursor: WireCursor): [string, Attribute] {
  const value: Attribute = {
    float: 0,
    int: 0,
    text: "",
    tensor: null,
    floats: [],
    ints: [],
    texts: [],
  };
  const textOf = repeatingTexts();
  let name = "";
  while (cursor.next()) {
    if (cursor.field === 1) name = cursor.text();
    else if (cursor.field === 2) value.float = cursor.float();
    else if (cursor.field === 3) value.int = cursor.varint();
    else if (cursor.field === 4) value.text = cursor.text();
    else if (cursor.field === 5) value.tensor = readTensor(cursor.inside());
    else if (cursor.field === 7) cursor.numbers(value.floats, "float");
    else if (cursor.field === 8) cursor.numbers(value.ints, "varint");
    else if (cursor.field === 9) value.texts.push(textOf(cursor));
    else cursor.skip();
  }
  return [name, value];
}

/** Modes of tree nodes are a few words many times over: one string a word, found by its length. */
function repeatingTexts(): (cursor: WireCursor) => string {
  const known = new Map<number, { bytes: Uint8Array; text: string }>();
  return (cursor) => {
    const field = cursor.at;
    const start = cursor.start();
    const length = cursor.at - start;
    const before = known.get(length);
    if (before && isSame(before.bytes, cursor.bytes, start)) return before.text;
    cursor.at = field;
    const text = cursor.text();
    known.set(length, { bytes: cursor.bytes.subarray(start, start + length), text });
    return text;
  };
}

function isSame(word: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < word.length; i += 1) if (word[i] !== bytes[at + i]) return false;
  return true;
}
