/** The least one process could do: node:http, JSON.parse, onnxruntime, JSON.stringify. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { classifierModel, classifierSignature } from "@/tests/node/support/sample-models";

const FEATURES = Number(process.argv[2]);
const columns = classifierSignature(FEATURES).inputs[0]?.columns ?? [];
const session = await InferenceSession.create(classifierModel(FEATURES), {
  intraOpNumThreads: 1,
});
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", async () => {
    const { input } = JSON.parse(Buffer.concat(chunks).toString()) as {
      input: Record<string, number>;
    };
    const data = Float64Array.from(columns, (name) => input[name] ?? Number.NaN);
    const { label, probabilities } = await session.run({
      numeric: new Tensor("float64", data, [1, FEATURES]),
    });
    const predictions = Array.from(label?.data as BigInt64Array, Number);
    const [no, yes] = (probabilities?.data ?? []) as Float32Array;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ predictions, probabilities: [{ no, yes }] }));
  });
});
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  process.send?.(`http://127.0.0.1:${port}`);
});
process.on("SIGTERM", () => process.exit(0));
