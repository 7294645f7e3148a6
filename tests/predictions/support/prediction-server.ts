import type { NodePool } from "@/server/deployments";
import { createPredictionPort, PredictionGateway } from "@/server/predictions";
import { Explainer } from "@/server/predictions/explain";
import { createPredictionLane } from "@/server/protocols/open-inference/lane";
import { startTestServer, type TestServer } from "../../support/http";
import type { TestWorld } from "../../support/workspace";

export interface PredictionServer extends TestServer {
  gateway: PredictionGateway;
}

/** The product's HTTP face with its prediction lane, on a real socket. */
export async function startPredictionServer(
  world: TestWorld,
  nodes: NodePool,
  draw?: () => number,
  namedMetrics = false,
): Promise<PredictionServer> {
  let gateway: PredictionGateway | undefined;
  const server = await startTestServer(world, (runtime) => {
    gateway = new PredictionGateway({
      db: runtime.db,
      nodes,
      log: runtime.log,
      jobContext: runtime.jobContext,
      explainer: new Explainer({ db: runtime.db, ports: runtime.ports }),
      namedMetrics,
      ...(draw ? { draw } : {}),
    });
    runtime.ports.nodes = nodes;
    runtime.ports.predictions = createPredictionPort(gateway);
    return createPredictionLane({ runtime, gateway });
  });
  if (!gateway) throw new Error("the lane was not made");
  const made = await gateway.start();
  return {
    ...server,
    gateway: made,
    close: async () => {
      await made.close();
      await server.close();
    },
  };
}

export interface Reply {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

/** Sends a request with a key; objects go as JSON. */
export async function call(
  url: string,
  key: string | undefined,
  body?: unknown,
  init: RequestInit = {},
): Promise<Reply> {
  const isRaw = typeof body === "string" || body instanceof Uint8Array;
  const reply = await fetch(url, {
    method: body === undefined ? "GET" : "POST",
    ...(body === undefined ? {} : { body: isRaw ? (body as BodyInit) : JSON.stringify(body) }),
    ...init,
    headers: {
      ...(key ? { authorization: `Bearer ${key}` } : {}),
      "content-type": "application/json",
      ...(init.headers as Record<string, string> | undefined),
    },
  });
  const text = await reply.text();
  const isJson = /json/.test(reply.headers.get("content-type") ?? "") && text !== "";
  return {
    status: reply.status,
    headers: reply.headers,
    body: isJson ? (JSON.parse(text) as Record<string, unknown>) : { text },
  };
}

/** Waits until `check` answers something; fails after `timeoutMs`. */
export async function until<T>(
  check: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 90_000,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error("timed out");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
