import type { Pool } from "pg";
import type { KnownAccounts } from "./subject";

/** A row of an account outside of workspaces, without hashes. */
export interface AccountRecord {
  table: string;
  record: Record<string, unknown>;
}

/** Accounts a subject names anywhere in the installation, with the names they go by. */
export async function knownAccounts(
  pool: Pool,
  subject: string,
): Promise<KnownAccounts & { records: AccountRecord[] }> {
  const found = await pool.query<{ id: string }>("select id from find_accounts($1)", [subject]);
  const userIds = found.rows.map(({ id }) => id);
  const records: AccountRecord[] = [];
  for (const id of userIds) {
    const { rows } = await pool.query<{ table_name: string; record: AccountRecord["record"] }>(
      "select table_name, record from export_account($1)",
      [id],
    );
    records.push(...rows.map(({ table_name, record }) => ({ table: table_name, record })));
  }
  const names = records.flatMap(({ table, record }) =>
    table === "users"
      ? [record.name, record.email]
      : table === "user_identities"
        ? [record.subject]
        : [],
  );
  return { userIds, records, names: names.filter((name) => typeof name === "string") };
}
