import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface NodeProxy {
  port: number;
  /** Ends every connection in the middle of whatever it carries. */
  cut(): void;
  /** Holds back every answer this long from now on, milliseconds. */
  delay(ms: number): void;
  close(): Promise<void>;
}

/** A network between gateway and node that can be made a bad one. */
export async function startNodeProxy(target: number): Promise<NodeProxy> {
  const sockets = new Set<Socket>();
  let delayMs = 0;
  const server = createServer((near) => {
    const far = connect(target, "127.0.0.1");
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far);
    far.on("data", (chunk) => {
      if (delayMs === 0) near.write(chunk);
      else setTimeout(() => near.destroyed || near.write(chunk), delayMs);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    delay: (ms) => {
      delayMs = ms;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
}
