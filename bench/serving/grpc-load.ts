import { type ClientHttp2Session, connect } from "node:http2";
import type { Measured } from "../node/measure";

export interface GrpcLoad {
  port: number;
  key: string;
  /** One ModelInferRequest. */
  message: Buffer;
  connections: number;
  /** Calls at work on each connection. */
  streams: number;
  seconds: number;
}

/**
 * Sends the same unary call over a few connections, on bare node:http2: what a client costs beside
 * that is its own affair, as with wrk.
 */
export async function measureGrpc(load: GrpcLoad): Promise<Measured> {
  const { connections, streams, seconds } = load;
  const sessions = Array.from({ length: connections }, () =>
    connect(`http://127.0.0.1:${load.port}`),
  );
  const frame = Buffer.alloc(5 + load.message.byteLength);
  frame.writeUInt32BE(load.message.byteLength, 1);
  load.message.copy(frame, 5);
  const times: number[] = [];
  let failed = 0;
  const startedMs = performance.now();
  const endMs = startedMs + 1000 * seconds;
  const worker = async (session: ClientHttp2Session): Promise<void> => {
    while (performance.now() < endMs) {
      const sentMs = performance.now();
      const status = await call(session, load.key, frame);
      if (status !== "0") failed++;
      times.push(performance.now() - sentMs);
    }
  };
  const workers = sessions.flatMap((session) =>
    Array.from({ length: streams }, () => worker(session)),
  );
  await Promise.all(workers);
  const tookMs = performance.now() - startedMs;
  for (const session of sessions) session.close();
  times.sort((a, b) => a - b);
  const percentile = (share: number) => times[Math.floor(share * (times.length - 1))] ?? 0;
  return {
    requestsPerSecond: (times.length / tookMs) * 1000,
    p50Ms: percentile(0.5),
    p99Ms: percentile(0.99),
    failed,
  };
}

function call(session: ClientHttp2Session, key: string, frame: Buffer): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ":method": "POST",
      ":path": "/inference.GRPCInferenceService/ModelInfer",
      "content-type": "application/grpc",
      te: "trailers",
      authorization: `Bearer ${key}`,
    });
    let status: unknown;
    stream.on("response", (headers) => {
      status = headers["grpc-status"];
    });
    stream.on("trailers", (trailers) => {
      status = trailers["grpc-status"] ?? status;
    });
    stream.on("data", () => undefined);
    stream.on("end", () => resolve(status));
    stream.on("error", reject);
    stream.end(frame);
  });
}
