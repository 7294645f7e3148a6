import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PARTITIONED } from "@/db/partitions";

/**
 * `npm run db:generate`: writes the one initial migration from `db/schema`, with the partitions that
 * drizzle-kit cannot describe. Until the first release there is one migration only.
 */
const FOLDER = join(import.meta.dirname, "../db/migrations");

rmSync(FOLDER, { recursive: true, force: true });
const { status } = spawnSync("npx", ["drizzle-kit", "generate", "--name", "tables"], {
  stdio: "inherit",
});
if (status !== 0) process.exit(status ?? 1);

const file = readdirSync(FOLDER).find((name) => name.endsWith(".sql"));
if (!file) throw new Error("drizzle-kit wrote no migration.");
const path = join(FOLDER, file);
let text = readFileSync(path, "utf8");
for (const [table, partition] of Object.entries(PARTITIONED)) {
  text = partitioned(text, table, partition);
}
writeFileSync(path, text);

function partitioned(sql: string, table: string, partition: (typeof PARTITIONED)[string]): string {
  const start = sql.indexOf(`CREATE TABLE "${table}" (`);
  const end = sql.indexOf("\n);", start);
  if (start < 0 || end < 0) throw new Error(`The migration makes no table ${table}.`);
  const { method, by } = partition;
  const parts = method === "hash" ? partition.parts : 0;
  const children = Array.from(
    { length: parts },
    (_, part) =>
      `--> statement-breakpoint\nCREATE TABLE "${table}_p${part}" PARTITION OF "${table}" FOR VALUES WITH (MODULUS ${parts}, REMAINDER ${part});\n`,
  );
  return `${sql.slice(0, end)}\n) PARTITION BY ${method.toUpperCase()} (${by});\n${children.join("")}${sql.slice(end + 4)}`;
}
