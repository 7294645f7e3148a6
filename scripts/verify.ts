import { spawnSync } from "node:child_process";

/** `npm run verify`: everything that can be checked without a database. Runs all, then tells. */
const CHECKS: [name: string, command: string, args: string[]][] = [
  ["format and lint", "biome", ["check", "--error-on-warnings", "."]],
  ["types", "tsc", ["--noEmit", "-p", "."]],
  [
    "boundaries",
    "depcruise",
    [
      "--config",
      ".dependency-cruiser.mjs",
      "server",
      "app",
      "components",
      "inngest",
      "db",
      "scripts",
    ],
  ],
  ["unused code", "knip", []],
  ["source rules", process.execPath, ["--import", "tsx", "scripts/check-source.ts"]],
  ["doc paths", process.execPath, ["--import", "tsx", "scripts/check-doc-paths.ts"]],
  ["gRPC messages", process.execPath, ["--import", "tsx", "scripts/grpc-messages.ts", "--check"]],
  ["OpenAPI document", process.execPath, ["--import", "tsx", "scripts/openapi.ts", "--check"]],
];

const failed: string[] = [];
for (const [name, command, args] of CHECKS) {
  const startedAt = Date.now();
  const result = spawnSync(command, args, { encoding: "utf8" });
  const good = result.status === 0;
  process.stdout.write(
    `${good ? "✓" : "✗"} ${name} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)\n`,
  );
  if (good) continue;
  failed.push(name);
  process.stdout.write(`${result.stdout ?? ""}${result.stderr ?? ""}${result.error ?? ""}\n`);
}
if (failed.length > 0) {
  process.stdout.write(`\nNot in order: ${failed.join(", ")}\n`);
  process.exit(1);
}
