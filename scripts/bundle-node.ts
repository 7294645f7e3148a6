import { cp, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

/**
 * Writes the inference node as it goes into its image: one file and the runtime it cannot be bundled
 * with. `node --import tsx scripts/bundle-node.ts <folder>`
 */
const [folder = "dist/node-image"] = process.argv.slice(2);
/** Loaded from files beside it, for this platform. */
const RUNTIME = ["onnxruntime-node", "onnxruntime-common"];
/** Asked for by libraries that do without. */
const OPTIONAL = ["pg-native", "pino-pretty"];
/** Libraries that are CommonJS ask for Node's modules by require. */
const REQUIRE =
  'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);';

await rm(folder, { recursive: true, force: true });
await mkdir(join(folder, "node_modules"), { recursive: true });
await build({
  entryPoints: ["server/inference-node.ts"],
  outfile: join(folder, "node.mjs"),
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  external: [...RUNTIME, ...OPTIONAL],
  banner: { js: REQUIRE },
  logLevel: "warning",
});
const platform = join("bin", "napi-v6");
for (const name of RUNTIME) {
  const from = join("node_modules", name);
  // Those of other systems are most of its size.
  const isOurs = (path: string) =>
    !path.includes(join(name, platform)) ||
    path.endsWith(platform) ||
    path.includes(join(platform, process.platform, process.arch)) ||
    path.endsWith(join(platform, process.platform));
  await cp(from, join(folder, "node_modules", name), { recursive: true, filter: isOurs });
}
