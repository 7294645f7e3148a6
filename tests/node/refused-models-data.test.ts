import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { onnxModel } from "./support/onnx-writer";
import { bytesField, integerField, messageField } from "./support/protobuf-writer";
import { postJson, startTestNode } from "./support/start-test-node";

const value = { name: "input", type: "FP32" as const, shape: ["batch", 2] };
const output = { ...value, name: "output" };

let folder: string;
let canary: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "modelyard-weights-"));
  canary = join(folder, "weights.bin");
  await writeFile(canary, Buffer.alloc(64, 7));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Pairs = [key: string, value: string][];
const entries = (pairs: Pairs) =>
  pairs.map(([key, text]) => messageField(13, bytesField(1, key), bytesField(2, text)));

/** A tensor whose bytes lie elsewhere; `field` is where a graph or attribute holds it. */
const external = (field: number, pairs: Pairs, dims: number[] = [2]) =>
  messageField(
    field,
    ...dims.map((dim) => integerField(1, dim)),
    integerField(2, 1),
    bytesField(8, "weights"),
    ...entries(pairs),
    integerField(14, 1),
  );

const modelOf = (constants: Buffer[]) =>
  onnxModel({
    nodes: [{ op: "Add", inputs: ["input", "weights"], outputs: ["output"] }],
    inputs: [value],
    outputs: [output],
    constants,
  });

const LOCATIONS = [
  "weights.bin",
  "./weights.bin",
  "../weights.bin",
  "../../../../../../etc/passwd",
  "..\\..\\etc\\passwd",
  "/etc/passwd",
  "/proc/self/environ",
  "file:///etc/passwd",
  "C:\\windows\\win.ini",
  "\\\\host\\share\\x",
  "a/../../etc/passwd",
  "%2e%2e/etc/passwd",
  "\u2024\u2024/etc/passwd",
  "weights.bin\u0000.png",
  "",
];

test.each(LOCATIONS)("a model whose weights lie at %j is refused, unread", async (location) => {
  const node = await startTestNode();
  const artifact = node.artifacts.put(modelOf([external(5, [["location", location]])]));
  const reply = await postJson(`${node.url}/v2/repository/models/m/load`, {
    parameters: { artifact },
  });
  expect(reply).toMatchObject({
    status: 400,
    body: { error: expect.stringContaining("tensors in other files") },
  });
});

test.each<[string, Pairs]>([
  ["an absolute file that exists", []],
  ["a huge offset", [["offset", "9223372036854775807"]]],
  ["a negative length", [["length", "-1"]]],
  ["a key nobody knows", [["__class__", "x"]]],
  ["two locations", [["location", "/etc/passwd"]]],
])("external weights with %s are refused", async (_case, more) => {
  const node = await startTestNode();
  const artifact = node.artifacts.put(modelOf([external(5, [["location", canary], ...more])]));
  await expect(node.client.load("m", { artifact })).rejects.toMatchObject({ status: 400 });
});

test("external weights are refused wherever a tensor may stand, and by name alone", async () => {
  const node = await startTestNode();
  const tensor = external(5, [["location", canary]]);
  const places = {
    // GraphProto.sparse_initializer, its values.
    sparse: modelOf([messageField(15, external(1, [["location", canary]]))]),
    // Without data_location: the entries alone say that it is elsewhere.
    silent: modelOf([
      messageField(5, integerField(1, 2), integerField(2, 1), ...entries([["location", canary]])),
    ]),
    attribute: onnxModel({
      nodes: [{ op: "Constant", inputs: [], outputs: ["weights"] }],
      inputs: [value],
      outputs: [output],
      // NodeProto.attribute.t
      constants: [
        messageField(1, bytesField(4, "Constant"), messageField(5, bytesField(1, "value"), tensor)),
      ],
    }),
  };
  for (const [place, bytes] of Object.entries(places)) {
    const artifact = node.artifacts.put(bytes);
    await expect(node.client.load("m", { artifact }), place).rejects.toMatchObject({ status: 400 });
  }
});

test.each<[string, number[]]>([
  ["more elements than memory", [2 ** 30, 2 ** 30]],
  ["a negative dimension", [-1, 2]],
  ["a product that overflows", [2 ** 31, 2 ** 31, 4]],
])("a tensor of %s is refused, and the node lives on", async (_case, dims) => {
  const node = await startTestNode();
  const huge = messageField(
    5,
    ...dims.map((dim) => integerField(1, dim)),
    integerField(2, 1),
    bytesField(8, "weights"),
    bytesField(9, Buffer.alloc(8)),
  );
  const before = process.memoryUsage().rss;
  const startedMs = performance.now();
  const artifact = node.artifacts.put(modelOf([huge]));
  await expect(node.client.load("m", { artifact })).rejects.toMatchObject({ status: 400 });
  expect(performance.now() - startedMs).toBeLessThan(20_000);
  expect(process.memoryUsage().rss - before).toBeLessThan(256 * 1024 * 1024);
  expect(await node.client.ready()).toBe(true);
});
