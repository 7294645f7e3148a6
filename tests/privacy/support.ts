import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { openSession } from "@/server/access/sign-in";
import { newId } from "@/server/kernel/ids";
import { asOwner } from "../support/database";
import type { TestWorkspace, TestWorld } from "../support/workspace";

/** A person with an account, an identity and a session, member of the given workspaces. */
export interface Person {
  userId: string;
  name: string;
  email: string;
  cookie: string;
}

export async function addPerson(
  world: TestWorld,
  who: { name: string; email: string },
  memberships: { workspace: TestWorkspace; role: string }[],
): Promise<Person> {
  const userId = newId();
  const owner = (text: string, values: unknown[]) => asOwner(world.db.ownerUrl, text, values);
  await owner("insert into users (id, name, email) values ($1, $2, $3)", [
    userId,
    who.name,
    who.email,
  ]);
  await owner(
    "insert into user_identities (issuer, subject, user_id) values ('https://idp', $1, $2)",
    [`idp-${userId}`, userId],
  );
  for (const { workspace, role } of memberships) {
    await owner("insert into members (workspace_id, user_id, role) values ($1, $2, $3)", [
      workspace.id,
      userId,
      role,
    ]);
  }
  const { token } = await openSession(world.db.pool, userId);
  return { ...who, userId, cookie: `next-auth.session-token=${token}` };
}

/** Where any of the needles lies, in any column of any table, as the owner sees it. */
export async function grepDatabase(world: TestWorld, needles: string[]): Promise<string[]> {
  const columns = await asOwner<{ tbl: string; col: string; type: string }>(
    world.db.ownerUrl,
    `select format('%I.%I', n.nspname, c.relname) as tbl, a.attname as col, a.atttypid::regtype::text as type
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') and c.relkind in ('r', 'p', 'm') and not c.relispartition
       and a.atttypid::regtype::text in ('text', 'text[]', 'json', 'jsonb', 'bytea', 'uuid', 'character varying')`,
  );
  const client = new Client({ connectionString: world.db.ownerUrl });
  await client.connect();
  const hits: string[] = [];
  for (const { tbl, col, type } of columns) {
    const test =
      type === "bytea"
        ? `position(convert_to(needle, 'UTF8') in "${col}") > 0`
        : `position(lower(needle) in lower("${col}"::text)) > 0`;
    const { rows } = await client.query<{ needle: string }>(
      `select needle from unnest($1::text[]) as needle where exists (select from ${tbl} where ${test})`,
      [needles],
    );
    for (const { needle } of rows) hits.push(`${tbl.replace("public.", "")}.${col}: ${needle}`);
  }
  await client.end();
  return hits;
}

/** Files below a folder that hold any of the needles. */
export async function grepFolder(folder: string, needles: string[]): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const hits: string[] = [];
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    if (needles.some((needle) => bytes.includes(needle))) hits.push(path);
  }
  return hits;
}
