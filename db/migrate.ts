import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import { Client, escapeIdentifier, escapeLiteral } from "pg";
import { appDatabaseUrl, appLogin } from "./app-url";

/** Serializes migration runs of several processes on one database. */
const MIGRATION_LOCK = 7_264_001;

/** Below these PostgreSQL lets statistics leak past row-level security (CVE-2024-10976, CVE-2025-8713). */
const MINIMUM_VERSION: Record<number, number> = { 15: 14, 16: 10, 17: 6 };

/**
 * Brings the database to the present schema, forces row-level security and renews grants.
 * `ownerUrl` may create roles. Answers the URL the processes connect with: a login that owns nothing.
 */
export async function migrateDatabase(
  ownerUrl: string,
  secret: string,
  dbFolder: string,
): Promise<string> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await refuseOldServer(client);
    await client.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
    await migrate(drizzle(client), { migrationsFolder: join(dbFolder, "migrations") });
    for (const file of ["grants.sql", "lookups.sql"]) {
      await client.query(`begin;${await readFile(join(dbFolder, file), "utf8")};commit;`);
    }
    return await createLogin(client, ownerUrl, secret);
  } finally {
    await client.end();
  }
}

async function refuseOldServer(client: Client): Promise<void> {
  const { rows } = await client.query<{ v: string }>(
    "select current_setting('server_version_num') as v",
  );
  const version = Number(rows[0]?.v);
  const major = Math.floor(version / 10_000);
  const minimum = MINIMUM_VERSION[major] ?? 0;
  if (major < 15 || version % 10_000 < minimum) {
    throw new Error(
      `PostgreSQL ${major}.${version % 10_000} is too old: 15.14, 16.10, 17.6 or newer is needed.`,
    );
  }
}

async function createLogin(client: Client, ownerUrl: string, secret: string): Promise<string> {
  const { rows } = await client.query<{ db: string }>("select current_database() as db");
  const { login, password } = appLogin(rows[0]?.db ?? "", secret);
  await client.query(
    `do $$ begin create role ${escapeIdentifier(login)} login; exception when duplicate_object or unique_violation then null; end $$`,
  );
  await client.query(
    `alter role ${escapeIdentifier(login)} with login password ${escapeLiteral(password)}`,
  );
  await client.query(`grant modelyard_app to ${escapeIdentifier(login)}`);
  return appDatabaseUrl(ownerUrl, secret);
}
