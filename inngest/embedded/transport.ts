import { randomBytes } from "node:crypto";
import type { Pool } from "pg";
import { checkpoint } from "./checkpoint";
import { type Core, createCore } from "./core";
import { InvalidEventError, readEvents } from "./incoming";
import { ingestEvents } from "./ingest";
import type { Log } from "./types";

/**
 * Options for `new Inngest({...})` that make it talk to Postgres instead of a server. The signing
 * key is random for every process, so a request from outside cannot carry a valid signature.
 */
export interface EmbeddedTransport {
  fetch: typeof fetch;
  baseUrl: string;
  eventKey: string;
  signingKey: string;
}

const cores = new WeakMap<EmbeddedTransport, Core>();

/** The producer side; complete without an executor in the same process. */
export function createEmbeddedTransport(options: { pool: Pool; log?: Log }): EmbeddedTransport {
  const core = createCore(options.pool, options.log);
  surviveLostConnections(options.pool, core);
  const transport: EmbeddedTransport = {
    fetch: (input, init) => answer(core, input, init),
    baseUrl: "http://embedded.inngest.invalid/",
    eventKey: "embedded",
    signingKey: `signkey-embedded-${randomBytes(32).toString("hex")}`,
  };
  cores.set(transport, core);
  return transport;
}

const watched = new WeakSet<Pool>();

/** An idle connection that Postgres closes must not end the process; the next query reconnects. */
function surviveLostConnections(pool: Pool, core: Core): void {
  if (watched.has(pool)) return;
  watched.add(pool);
  pool.on("error", (err) => core.log.warn({ err }, "a database connection was lost"));
}

/** The engine behind a transport. @throws Error for an object made elsewhere. */
export function coreOf(transport: EmbeddedTransport): Core {
  const core = cores.get(transport);
  if (!core) throw new Error("The transport was not made by createEmbeddedTransport.");
  return core;
}

async function answer(
  core: Core,
  input: string | URL | Request,
  init?: RequestInit,
): Promise<Response> {
  const request = new Request(input, init);
  const { pathname } = new URL(request.url);
  const checkpointed = /^\/v1\/checkpoint\/([^/]+)\/async$/.exec(pathname)?.[1];
  try {
    if (request.method === "POST" && pathname.startsWith("/e/")) {
      return await answerEvents(core, request);
    }
    if (request.method === "POST" && checkpointed) {
      const status = await checkpoint(core, decodeURIComponent(checkpointed), await request.json());
      return Response.json({ status }, { status });
    }
    if (pathname === "/fn/register") return Response.json({ status: 200, modified: false });
    const error = `${pathname} is not supported by the embedded executor; it needs a real Inngest server.`;
    return Response.json({ error, status: 501 }, { status: 501 });
  } catch (error) {
    core.log.error({ err: error, pathname }, "the embedded executor could not answer the SDK");
    return Response.json({ error: "database error", status: 503, ids: [] }, { status: 503 });
  }
}

async function answerEvents(core: Core, request: Request): Promise<Response> {
  try {
    const body: unknown = await request.json().catch(() => {
      throw new InvalidEventError("the body is not JSON");
    });
    const events = readEvents(body, request.headers.get("x-inngest-event-id-seed"));
    return Response.json({ ids: await ingestEvents(core, events), status: 200 });
  } catch (error) {
    if (!(error instanceof InvalidEventError)) throw error;
    return Response.json({ ids: [], status: 400, error: error.message }, { status: 400 });
  }
}
