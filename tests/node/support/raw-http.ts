import { connect } from "node:net";

type RawReply = { status: number; headers: string; body: Buffer };

/**
 * Writes bytes to a fresh connection and reads until the other side closes it; with `end` this side
 * is closed right away, which also ends what the other side takes for an unfinished request.
 */
export function sendRaw(url: string, bytes: Buffer, end = false): Promise<RawReply> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    const chunks: Buffer[] = [];
    socket.on("data", (chunk) => chunks.push(chunk));
    // A reset after the reply is how a server refuses the rest of a body.
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(parse(Buffer.concat(chunks))));
    if (end) socket.end(bytes);
    else socket.write(bytes);
  });
}

/** One request with a body of known length; `line` is "METHOD /path". */
export function rawRequest(
  url: string,
  line: string,
  body: string,
  headers: Record<string, string> = {},
): Promise<RawReply> {
  const all = {
    host: new URL(url).host,
    connection: "close",
    "content-length": String(Buffer.byteLength(body)),
    ...headers,
  };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return sendRaw(url, Buffer.from(`${line} HTTP/1.1\r\n${head.join("")}\r\n${body}`));
}

function parse(bytes: Buffer): RawReply {
  const end = bytes.indexOf("\r\n\r\n");
  const headers = bytes.subarray(0, Math.max(end, 0)).toString();
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(headers)?.[1] ?? 0);
  return { status, headers: headers.toLowerCase(), body: bytes.subarray(end + 4) };
}
