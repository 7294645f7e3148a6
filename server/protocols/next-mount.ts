import { join } from "node:path";
import { pathToFileURL } from "node:url";

const KEY = Symbol.for("modelyard.api");

type Handle = (request: Request) => Response | Promise<Response>;
const holder = globalThis as unknown as { [KEY]?: Handle };

/** Hands the process's API lane to Next, which bundles pages apart from the server. */
export function setApiLane(handle: Handle): void {
  holder[KEY] = handle;
}

/** The API lane inside Next, for hosts that run plain `next start`. No behavior of its own. */
export async function handleInNext(request: Request): Promise<Response> {
  if (!holder[KEY]) {
    // Beside the pages lies the server's own bundle; Next must not bundle it again.
    const bundle = pathToFileURL(join(process.cwd(), "dist", "api.mjs")).href;
    const { createApiLane } = (await import(/* turbopackIgnore: true */ bundle)) as {
      createApiLane: () => Promise<Handle>;
    };
    holder[KEY] = await createApiLane();
  }
  return holder[KEY](request);
}
