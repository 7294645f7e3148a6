import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

/** Programs bundled into dist/, by name. */
const ENTRIES = {
  supervisor: "server/supervisor.ts",
  "init-postgres": "server/supervisor/init-postgres.ts",
  web: "server/main.ts",
  worker: "server/worker.ts",
  node: "server/inference-node.ts",
  api: "server/protocols/api-lane.ts",
  migrate: "scripts/migrate.ts",
  "profile-process": "server/datasets/profile-process.ts",
  "archive-process": "server/predictions/archives/archive-process.ts",
  "scan-process": "server/datasets/scan/scan-process.ts",
  "check-model-process": "server/registry/uploads/check-process.ts",
};

const STAMP = "dist/stamp";
const SOURCES = [
  "app",
  "components",
  "db",
  "inngest",
  "server",
  "public",
  "env.ts",
  "next.config.ts",
  "package-lock.json",
  "scripts/build.ts",
];

/** A digest of names, sizes and times of everything the build reads. */
function sourceStamp(): string {
  const list = execFileSync(
    "find",
    [...SOURCES.filter(existsSync), "-type", "f", "-printf", "%p %s %T@\n"],
    {
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  return createHash("sha256").update(list.split("\n").sort().join("\n")).digest("hex");
}

export async function bundleServer(): Promise<void> {
  await build({
    entryPoints: Object.fromEntries(Object.entries(ENTRIES).filter(([, file]) => existsSync(file))),
    outdir: "dist",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    platform: "node",
    target: "node24",
    format: "esm",
    packages: "external",
    sourcemap: true,
    logLevel: "warning",
  });
}

/** Builds what is out of date; answers whether it had to. */
export async function buildIfNeeded(): Promise<boolean> {
  const stamp = sourceStamp();
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === stamp && existsSync(".next/BUILD_ID"))
    return false;
  process.stdout.write("Building (once, and again when the source changes) …\n");
  await bundleServer();
  const next = spawnSync("next", ["build"], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
  });
  if (next.status !== 0) throw new Error("next build failed");
  writeFileSync(STAMP, stamp);
  return true;
}
