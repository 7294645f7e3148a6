import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/** A status, a connection hung up, or `pass`: on to the server. */
export type Fault = "reset" | "pass" | number;

export interface S3Proxy {
  url: string;
  /** Faults for the next requests, first to last; none once they are used up. */
  faults: Fault[];
  requests: { method: string; path: string; status: number | "reset" }[];
  close(): Promise<void>;
}

/** Stands before an S3 server and answers some requests itself: with a status, or by hanging up. */
export async function startS3Proxy(target: string): Promise<S3Proxy> {
  const { hostname, port } = new URL(target);
  const state: Pick<S3Proxy, "faults" | "requests"> = { faults: [], requests: [] };
  const server = createServer((incoming, outgoing) => {
    const fault = state.faults.shift();
    const seen = { method: incoming.method ?? "", path: incoming.url ?? "" };
    if (fault === "reset") {
      state.requests.push({ ...seen, status: "reset" });
      incoming.socket.destroy();
      return;
    }
    if (fault !== undefined && fault !== "pass") {
      state.requests.push({ ...seen, status: fault });
      incoming.resume();
      outgoing.writeHead(fault, { "content-type": "application/xml" });
      outgoing.end("<Error><Code>SlowDown</Code><Message>later</Message></Error>");
      return;
    }
    const { method, url: path, headers } = incoming;
    const passed = request({ hostname, port, method, path, headers }, (reply) => {
      state.requests.push({ ...seen, status: reply.statusCode ?? 0 });
      outgoing.writeHead(reply.statusCode ?? 500, reply.headers);
      reply.pipe(outgoing);
    });
    passed.on("error", () => outgoing.destroy());
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(state, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  });
}
