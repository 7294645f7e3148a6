import {
  createTRPCClient,
  httpBatchLink,
  httpSubscriptionLink,
  splitLink,
  TRPCClientError,
} from "@trpc/client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createModel } from "@/server/registry";
import type { AppRouter } from "@/server/trpc/root";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

let world: TestWorld;
let server: TestServer;
let workspace: TestWorkspace;
beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world);
  workspace = await world.workspace();
});
afterAll(async () => {
  await server.close();
  await world.close();
});

/** What an internal tool writes: the exported router type, the URL, an API key. */
function internalTool(key: string) {
  const options = { url: `${server.url}/api/trpc` };
  const headers = { authorization: `Bearer ${key}` };
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (op) => op.type === "subscription",
        true: httpSubscriptionLink({
          ...options,
          EventSource: withHeaders(headers),
        }),
        false: httpBatchLink({ ...options, headers }),
      }),
    ],
  });
}

it("lets an internal tool call the routers with the exported type and an API key", async () => {
  const client = internalTool(await workspace.key("data_scientist"));
  const made = await client.registry.createModel.mutate({
    name: "typed",
    type: "regression",
    framework: "lightgbm",
  });
  const list = await client.registry.listModels.query({ search: "typ" });
  expect(list.items.map((model) => model.id)).toEqual([made.id]);
  const me = await client.access.me.query();
  expect(me.workspace.slug).toBe(workspace.slug);
});

it("answers errors with the product's code and the issues to fix", async () => {
  const viewer = internalTool(await workspace.key("viewer"));
  const refused = viewer.registry.createModel.mutate({
    name: "no",
    type: "regression",
    framework: "xgboost",
  });
  await expect(refused).rejects.toMatchObject({
    data: { code: "FORBIDDEN", problem: { code: "forbidden" } },
  });
  const nobody = internalTool("mdy_wrong");
  const error = await nobody.registry.listModels.query({}).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(TRPCClientError);
  expect(error).toMatchObject({ data: { httpStatus: 401 } });
});

it("answers a query by POST that is too long for an address", async () => {
  const key = await workspace.key("viewer");
  const link = httpBatchLink({
    url: `${server.url}/api/trpc`,
    headers: { authorization: `Bearer ${key}` },
    methodOverride: "POST",
  });
  const client = createTRPCClient<AppRouter>({ links: [link] });
  const ask = (name: string) =>
    client.experiments.searchRuns.query({ filter: `run_name = '${name}'` });
  expect(await ask("a".repeat(19_000))).toEqual(await ask("a"));
});

it("streams what changes in the workspace as it is committed", async () => {
  const client = internalTool(await workspace.key("viewer"));
  const seen: { topic: string; id: string }[] = [];
  await new Promise<void>((resolve, reject) => {
    const subscription = client.live.changes.subscribe(undefined, {
      onStarted: () => {
        // The hub's LISTEN is asynchronous: repeat until the first change arrives.
        const timer = setInterval(() => {
          createModel(workspace.as("admin"), {
            name: `live ${Math.random()}`,
            type: "regression",
            framework: "xgboost",
          }).catch(reject);
          if (seen.length > 0) {
            clearInterval(timer);
            subscription.unsubscribe();
            resolve();
          }
        }, 100);
      },
      onData: (change) => seen.push(change as { topic: string; id: string }),
      onError: reject,
    });
  });
  expect(seen[0]?.topic).toBe("registry");
});

/** Node's EventSource sends no headers by itself; fetch does. */
function withHeaders(headers: Record<string, string>) {
  return class extends EventSourceLike {
    constructor(url: string) {
      super(url, headers);
    }
  } as never;
}

type Listener = (event: { data: string; type: string; lastEventId: string }) => void;

class EventSourceLike {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSED = 2;
  readyState = 0;
  onopen: Listener | null = null;
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly abort = new AbortController();

  constructor(url: string, headers: Record<string, string>) {
    void this.run(url, headers);
  }

  private async run(url: string, headers: Record<string, string>): Promise<void> {
    const reply = await fetch(url, { headers, signal: this.abort.signal }).catch(() => undefined);
    if (!reply?.body) return;
    this.readyState = 1;
    this.emit("open", "");
    let text = "";
    try {
      for await (const chunk of reply.body.pipeThrough(new TextDecoderStream())) {
        text += chunk;
        for (let at = text.indexOf("\n\n"); at >= 0; at = text.indexOf("\n\n")) {
          this.block(text.slice(0, at));
          text = text.slice(at + 2);
        }
      }
    } catch {
      // Closed by the test.
    }
  }

  private block(block: string): void {
    const field = (name: string) =>
      block
        .split("\n")
        .filter((line) => line.startsWith(`${name}:`))
        .map((line) => line.slice(name.length + 1).trim())
        .join("\n");
    this.emit(field("event") || "message", field("data"));
  }

  private emit(type: string, data: string): void {
    for (const listener of this.listeners.get(type) ?? [])
      listener({ type, data, lastEventId: "" });
  }

  addEventListener(type: string, listener: Listener): void {
    const set = this.listeners.get(type) ?? new Set();
    this.listeners.set(type, set.add(listener));
  }

  removeEventListener(type: string, listener: Listener): void {
    this.listeners.get(type)?.delete(listener);
  }

  close(): void {
    this.readyState = 2;
    this.abort.abort();
  }
}
