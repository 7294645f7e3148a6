import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Runtime } from "./runtime";

const KEY = Symbol.for("modelyard.runtime");
const holder = globalThis as unknown as { [KEY]?: Runtime };

/** Hands the runtime of this process to pages, which Next bundles apart from the server. */
export function setProcessRuntime(runtime: Runtime): void {
  holder[KEY] = runtime;
}

/** The runtime of this process; where plain `next start` runs without our main, the bundle's. */
export async function processRuntime(): Promise<Runtime> {
  if (!holder[KEY]) {
    const bundle = pathToFileURL(join(process.cwd(), "dist", "api.mjs")).href;
    const { bootPages } = (await import(/* turbopackIgnore: true */ bundle)) as {
      bootPages: () => Promise<Runtime>;
    };
    holder[KEY] = await bootPages();
  }
  return holder[KEY];
}
