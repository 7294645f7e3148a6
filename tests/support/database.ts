import { randomBytes } from "node:crypto";
import { Client } from "pg";
import { inject } from "vitest";
import { type Database, openDatabase } from "@/db/client";
import { migrateDatabase } from "@/db/migrate";
import { TEST_SECRET } from "./test-secret";

export interface TestDatabase extends Database {
  /** Connects as the restricted role, as the product does. */
  url: string;
  /** Connects as the owner; for looking behind the policies. */
  ownerUrl: string;
  close(): Promise<void>;
}

/** A database of its own, cloned from the migrated template. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = inject("postgresUrl");
  const name = `test_${randomBytes(8).toString("hex")}`;
  await onServer(server, `create database ${name} template template_modelyard`);
  const ownerUrl = `${server}/${name}`;
  const url = await migrateDatabase(ownerUrl, TEST_SECRET, "db");
  const db = openDatabase(url, 10);
  return {
    ...db,
    url,
    ownerUrl,
    close: async () => {
      await db.pool.end();
      await onServer(server, `drop database if exists ${name} with (force)`);
    },
  };
}

/** Runs SQL as the owner, behind every policy. */
export async function asOwner<T extends object>(
  ownerUrl: string,
  text: string,
  values: unknown[] = [],
): Promise<T[]> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    return (await client.query<T>(text, values)).rows;
  } finally {
    await client.end();
  }
}

async function onServer(server: string, text: string): Promise<void> {
  const client = new Client({ connectionString: `${server}/postgres` });
  await client.connect();
  // Several suites clone the one template; Postgres allows one clone at a time.
  await client.query("select pg_advisory_lock(7264002)");
  await client.query(text);
  await client.end();
}
