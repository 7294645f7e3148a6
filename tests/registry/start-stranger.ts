import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** A server with one model that adds two numbers: JSON alone, behind a header of its own. */
export async function startStranger(secret: string) {
  const types: string[] = [];
  const base = "/v2/models/sum/versions/2";
  const replies: Record<string, unknown> = {
    "/v2": { name: "stranger", version: "1" },
    [base]: {
      name: "sum",
      inputs: [{ name: "numbers", datatype: "FP32", shape: [-1, 2] }],
      outputs: [{ name: "total", datatype: "FP32", shape: [-1] }],
    },
    [`${base}/ready`]: {},
  };
  const web: Server = createServer((request, response) => {
    if (request.headers["x-stranger-key"] !== secret) {
      response.statusCode = 403;
      return response.end("no");
    }
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const known = replies[request.url ?? ""];
      if (known) return response.end(JSON.stringify(known));
      if (request.url !== `${base}/infer`) {
        response.statusCode = 404;
        return response.end();
      }
      types.push(String(request.headers["content-type"]));
      const { inputs } = JSON.parse(Buffer.concat(pieces).toString()) as {
        inputs: { data: number[] }[];
      };
      const [a = 0, b = 0] = (inputs[0]?.data ?? []).flat();
      const outputs = [{ name: "total", datatype: "FP32", shape: [1], data: [a + b] }];
      response.end(JSON.stringify({ model_name: "sum", outputs }));
    });
  });
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    web.closeAllConnections();
    web.close();
  });
  return { url: `http://127.0.0.1:${(web.address() as AddressInfo).port}`, types };
}
