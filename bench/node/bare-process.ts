/** The least a server could do: node:http, JSON.parse, onnxruntime, JSON.stringify, no checks. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { classifierModel } from "@/tests/node/support/sample-models";

type Body = { inputs: { shape: number[]; data: number[] }[] };

const FEATURES = 30;
const session = await InferenceSession.create(classifierModel(FEATURES), {
  intraOpNumThreads: 1,
});
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", async () => {
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Body;
    const [input] = body.inputs;
    const data = Float64Array.from(input?.data ?? []);
    const results = await session.run({ numeric: new Tensor("float64", data, input?.shape) });
    const outputs = Object.entries(results).map(([name, tensor]) => ({
      name,
      shape: tensor.dims,
      data: Array.from(tensor.data as ArrayLike<number | bigint>, Number),
    }));
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ model_name: "bench", outputs }));
  });
});
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  console.log(JSON.stringify({ url: `http://127.0.0.1:${port}/` }));
});
process.on("SIGTERM", () => process.exit(0));
