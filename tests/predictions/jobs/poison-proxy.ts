import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** Values of a feature: on a row with the first the model fails, one with the second takes its node down. */
export const POISON = { fails: -1234.5, kills: -4321.5 } as const;
/** How long a node that was taken down is away, milliseconds. */
const AWAY_MS = 300;

export interface PoisonProxy {
  url: string;
  close: () => Promise<void>;
}

/** Doubles stand in a request as they lie in memory. */
const bytesOf = (value: number): Buffer => Buffer.from(new Float64Array([value]).buffer);

/** A node at `target()` whose model cannot bear some rows, over HTTP as any other server. */
export async function startPoisonProxy(target: () => string): Promise<PoisonProxy> {
  let awayUntilMs = 0;
  const answer = async (asked: IncomingMessage, reply: ServerResponse) => {
    const body = await buffer(asked);
    const isInfer = asked.url?.endsWith("/infer") ?? false;
    if (isInfer && body.includes(bytesOf(POISON.kills))) awayUntilMs = performance.now() + AWAY_MS;
    if (performance.now() < awayUntilMs) {
      asked.socket.destroy();
      return;
    }
    if (isInfer && body.includes(bytesOf(POISON.fails))) {
      reply.writeHead(500, { "content-type": "application/json" });
      reply.end('{"error":"division by zero"}');
      return;
    }
    pass(asked, body, reply);
  };
  const pass = (asked: IncomingMessage, body: Buffer, reply: ServerResponse) => {
    const { upgrade: _upgrade, connection: _connection, ...headers } = asked.headers;
    const url = new URL(asked.url ?? "/", target());
    const passed = request(url, { method: asked.method, headers }, (answered) => {
      reply.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.on("error", () => asked.socket.destroy());
      answered.pipe(reply);
    });
    // A node that is gone is gone for who asks it through here.
    passed.on("error", () => asked.socket.destroy());
    passed.end(body);
  };
  const server = createServer((asked, reply) => {
    answer(asked, reply).catch(() => asked.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
