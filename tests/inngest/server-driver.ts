import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import { Inngest, type InngestFunction } from "inngest";
import { serve } from "inngest/node";
import { z } from "zod";
import { freePort } from "../support/postgres-server";
import { type Driver, type RunResult, until } from "./driver";

const runSchema = z.object({
  data: z
    .array(
      z.looseObject({
        run_id: z.string(),
        function_id: z.string(),
        status: z.string(),
        output: z.unknown().optional(),
      }),
    )
    .nullable(),
});

/**
 * A real Inngest server at `baseUrl`, with the functions served over HTTP by this process.
 * Without keys the server must be `inngest dev --no-discovery --no-poll --retry-interval 1 --tick 10`.
 */
export async function createServerDriver(
  baseUrl: string,
  keys: { eventKey?: string; signingKey?: string },
): Promise<Driver> {
  const silent = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };
  const client = new Inngest({
    id: `test-${randomBytes(4).toString("hex")}`,
    baseUrl,
    isDev: !keys.signingKey,
    logger: silent,
    ...keys,
  });
  let server: Server | undefined;
  const headers = keys.signingKey ? { authorization: `Bearer ${keys.signingKey}` } : undefined;

  const runsOf = async (eventId: string): Promise<RunResult[]> => {
    const response = await fetch(new URL(`/v1/events/${eventId}/runs`, baseUrl), { headers });
    const { data } = runSchema.parse(await response.json());
    return (data ?? []).map((run) => ({
      id: run.run_id,
      functionId: run.function_id,
      status: run.status.toLowerCase() as RunResult["status"],
      output: run.output ?? null,
      error: null,
    }));
  };

  return {
    client,
    runsOf,
    start: async (functions: InngestFunction.Any[]) => {
      const port = await freePort();
      server = createServer(serve({ client, functions, serveOrigin: `http://127.0.0.1:${port}` }));
      await new Promise<void>((resolve) => server?.listen(port, "127.0.0.1", resolve));
      const response = await fetch(`http://127.0.0.1:${port}/api/inngest`, { method: "PUT" });
      if (!response.ok) throw new Error(`registration failed: ${await response.text()}`);
    },
    send: async (events) => (await client.send(events as never)).ids,
    waitRuns: (eventId, count) =>
      until(async () => {
        const runs = await runsOf(eventId);
        const ended = runs.filter((run) => run.status !== "queued" && run.status !== "running");
        return ended.length >= count && ended;
      }, 60_000),
    stop: async () => {
      await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
    },
  };
}
