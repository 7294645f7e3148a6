import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  compileSignature,
  type Datatype,
  type Signature,
  type TensorData,
} from "@/server/protocols/open-inference/codec";
import { explainExactly } from "./explain-exactly";
import { readGraph } from "./graph/read-graph";
import { UnreadableGraph } from "./graph/unreadable-graph";

interface Case {
  name: string;
  onnx: string;
  signature: Signature;
  /** null where the graph is no sum. */
  space: string | null;
  background: Record<string, unknown>[];
  rows: Record<string, unknown>[];
  answers: Record<string, unknown[]>;
  base: number[];
  values: number[][];
}

/** Made by tests/predictions/golden/make_graphs.py with shap 0.51 and by every coalition. */
const cases = JSON.parse(
  readFileSync(new URL("../../../tests/predictions/golden/graphs.json", import.meta.url), "utf8"),
) as Case[];

async function explain(one: Case, budget = { left: 1e8 }) {
  const graph = await readGraph(gunzipSync(Buffer.from(one.onnx, "base64")));
  const codec = compileSignature(one.signature);
  const encoded = codec.encode([...one.rows, ...one.background]);
  if ("issues" in encoded) throw new Error(encoded.issues[0]?.message);
  const outputs = codec.decode(
    one.signature.outputs.map(({ name, datatype }) => ({
      name,
      datatype: datatype as Datatype,
      shape: [one.rows.length],
      data: (one.answers[name] ?? []).flat() as unknown as TensorData,
    })),
  );
  const { tensors } = encoded;
  const explained = one.rows.length;
  return explainExactly({ graph, signature: one.signature, tensors, explained, outputs, budget });
}

describe("values read from a graph are the exact ones", () => {
  const readable = cases.filter(({ space }) => space !== null);
  it.each(readable.map((one) => [one.name, one] as const))("%s", async (_name, one) => {
    const found = await explain(one);
    expect(found?.map(({ space }) => space)).toEqual(one.rows.map(() => one.space));
    for (const [at, values] of (found ?? []).entries()) {
      expect(Math.abs(values.base - (one.base[at] ?? 0))).toBeLessThan(1e-6);
      for (const [f, value] of values.contributions.entries()) {
        expect(Math.abs(value - (one.values[at]?.[f] ?? 0))).toBeLessThan(1e-6);
      }
    }
  });
});

describe("no values are read", () => {
  const [first] = cases;
  if (!first) throw new Error("there are no golden values");

  const unreadable = cases.filter(({ space }) => space === null);
  it.each(unreadable.map((one) => [one.name, one] as const))("of the %s", async (_name, one) => {
    const graph = readGraph(gunzipSync(Buffer.from(one.onnx, "base64")));
    await expect(graph).rejects.toBeInstanceOf(UnreadableGraph);
  });

  it("where the walk would take too long", async () => {
    expect(await explain(first, { left: 100 })).toBeNull();
  });

  it("where the graph does not answer as the model did", async () => {
    const answers = { prediction: first.rows.map(() => 12_345) };
    expect(await explain({ ...first, answers })).toBeNull();
  });
});
