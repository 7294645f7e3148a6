import { createHash } from "node:crypto";
import { onTestFinished } from "vitest";
import { createNodeClient, type NodeClient } from "@/server/node/client";
import { type NodeOptions, type RunningNode, startNode } from "@/server/node/start-node";

/** Artifacts by digest, as the store would hold them. */
class MemoryArtifacts {
  private readonly files = new Map<string, Buffer>();
  reads = 0;

  put(bytes: Buffer): string {
    const digest = createHash("sha256").update(bytes).digest("hex");
    this.files.set(digest, bytes);
    return digest;
  }

  /** Files `bytes` under a digest that is not theirs. */
  putUnder(digest: string, bytes: Buffer): void {
    this.files.set(digest, bytes);
  }

  readonly read = async (digest: string): Promise<Buffer> => {
    this.reads++;
    const bytes = this.files.get(digest);
    if (bytes === undefined) throw Object.assign(new Error("no such artifact"), { code: "ENOENT" });
    return bytes;
  };
}

export type TestNode = RunningNode & {
  artifacts: MemoryArtifacts;
  client: NodeClient;
  /** Error lines the node logged; a well-behaved test ends with none. */
  errors: object[];
};

/** A node on a free port that stops with the test. */
export async function startTestNode(options: Partial<NodeOptions> = {}): Promise<TestNode> {
  const artifacts = new MemoryArtifacts();
  const errors: object[] = [];
  const node = await startNode({
    host: "127.0.0.1",
    port: 0,
    readArtifact: artifacts.read,
    cacheBytesMax: 64 * 1024 * 1024,
    maxBodyBytes: 8 * 1024 * 1024,
    log: {
      info: () => undefined,
      warn: () => undefined,
      error: (fields) => errors.push(fields),
    },
    ...options,
  });
  const client = createNodeClient({ url: node.url, token: options.token });
  onTestFinished(async () => {
    await client.close();
    await node.close();
  });
  return { ...node, artifacts, client, errors };
}

type JsonReply = { status: number; body: Record<string, unknown>; headers: Headers };

/** Sends JSON (or text as it stands) and reads a JSON reply. */
export async function postJson(url: string, body: unknown): Promise<JsonReply> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const reply = await fetch(url, { method: "POST", body: text });
  return { status: reply.status, body: await jsonBody(reply), headers: reply.headers };
}

export async function getJson(url: string): Promise<JsonReply> {
  const reply = await fetch(url);
  return { status: reply.status, body: await jsonBody(reply), headers: reply.headers };
}

async function jsonBody(reply: Response): Promise<Record<string, unknown>> {
  const text = await reply.text();
  return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
}
