import { randomBytes } from "node:crypto";
import { request } from "node:http";

export interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into replies of many shapes.
  body: any;
}

export interface Part {
  name: string;
  content: string | Buffer;
  fileName?: string;
}

/** A multipart body, written by hand so that tests can break it. */
export function multipart(parts: Part[]): { type: string; body: Buffer } {
  const boundary = `----test${randomBytes(8).toString("hex")}`;
  const pieces = parts.flatMap(({ name, content, fileName }) => [
    Buffer.from(
      `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${
        fileName === undefined
          ? ""
          : `; filename="${fileName}"\r\ncontent-type: application/octet-stream`
      }\r\n\r\n`,
    ),
    Buffer.from(content),
    Buffer.from("\r\n"),
  ]);
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    body: Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]),
  };
}

/**
 * Sends exactly these bytes; answers even when the server stops reading half-way. With
 * `abortAfterMs` the connection is cut then, before the request is complete.
 */
export function send(
  url: string,
  method: string,
  headers: Record<string, string>,
  body: Buffer | string = "",
  abortAfterMs?: number,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    let answered = false;
    const out = request(url, { method, headers: { connection: "close", ...headers } }, (reply) => {
      answered = true;
      const chunks: Buffer[] = [];
      reply.on("data", (chunk: Buffer) => chunks.push(chunk));
      reply.on("error", reject);
      reply.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        const json = /json/.test(String(reply.headers["content-type"]));
        resolve({
          status: reply.statusCode ?? 0,
          headers: reply.headers,
          body: json ? JSON.parse(text) : text,
        });
      });
    });
    out.on("error", (error) => {
      if (!answered) reject(error);
    });
    if (abortAfterMs === undefined) return out.end(body);
    out.write(body);
    setTimeout(() => out.destroy(), abortAfterMs);
  });
}

/** Uploads one file under a name. */
export function upload(
  url: string,
  key: string,
  name: string,
  content: string | Buffer,
  fileName = "data.csv",
  more: Part[] = [],
): Promise<Reply> {
  const form = multipart([
    { name: "name", content: name },
    { name: "file", content, fileName },
    ...more,
  ]);
  return send(
    `${url}/api/v1/datasets`,
    "POST",
    {
      authorization: `Bearer ${key}`,
      "content-type": form.type,
      "content-length": String(form.body.length),
    },
    form.body,
  );
}
