import type { Runtime } from "./runtime";

const KEY = Symbol.for("modelyard.runtime");
const holder = globalThis as unknown as { [KEY]?: Runtime };

/** Hands the runtime of this process to pages, which Next bundles apart from the server. */
export function setProcessRuntime(runtime: Runtime): void {
  holder[KEY] = runtime;
}

/** The runtime of this process; made on first use where plain `next start` runs without our main. */
export async function processRuntime(): Promise<Runtime> {
  if (!holder[KEY]) {
    const { bootRole } = await import("./boot");
    holder[KEY] = await bootRole("pages");
  }
  return holder[KEY];
}
