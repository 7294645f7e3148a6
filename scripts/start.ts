import { env } from "@/env";
import { buildIfNeeded } from "./build";

/** `npm start`: builds when the source is newer than the build, then runs the supervisor in this process. */
try {
  env();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}
const startedAt = Date.now();
if (await buildIfNeeded()) {
  process.stdout.write(`Built in ${Math.round((Date.now() - startedAt) / 1000)} s.\n`);
}
await import(new URL("../dist/supervisor.mjs", import.meta.url).href);
