import type { Hono } from "hono";
import { processRuntime } from "@/server/process-runtime";
import { createApiApp } from "./rest/app";
import type { HttpBindings } from "./rest/mount-routes";

let app: Promise<Hono<HttpBindings>> | undefined;

/** The API lane inside Next, for hosts that run plain `next start`. No behavior of its own. */
export async function handleInNext(request: Request): Promise<Response> {
  app ??= processRuntime().then((runtime) => createApiApp(runtime));
  return (await app).fetch(request);
}
