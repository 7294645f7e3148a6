import { bootRole } from "@/server/boot";
import type { Runtime } from "@/server/runtime";
import { createApiApp } from "./rest/app";

let runtime: Promise<Runtime> | undefined;

/** The runtime of a host that runs plain `next start`; one a process. */
export function bootPages(): Promise<Runtime> {
  runtime ??= bootRole("pages");
  return runtime;
}

/** The API lane where no web main made one. */
export async function createApiLane(): Promise<(request: Request) => Response | Promise<Response>> {
  const app = createApiApp(await bootPages());
  return (request) => app.fetch(request);
}
