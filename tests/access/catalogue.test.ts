import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asOwner, createTestDatabase, type TestDatabase } from "../support/database";

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

/** Reached only through lookup functions; the app role holds no privilege on them. */
const CLOSED = ["sessions", "sign_in_links", "user_identities", "inference_nodes"];

describe("the catalogue of tables", () => {
  it("forces row-level security on every table the app role may reach", async () => {
    const open = await asOwner<{ name: string }>(
      db.ownerUrl,
      `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = 'public' and c.relkind in ('r', 'p') and not (c.relname = any($1)) and not c.relispartition
         and not (c.relrowsecurity and c.relforcerowsecurity)`,
      [CLOSED],
    );
    expect(open).toEqual([]);
  });

  it("lets the app role reach a partition through its parent only", async () => {
    const parts = await asOwner<{ name: string; open: boolean }>(
      db.ownerUrl,
      `select c.relname as name, has_table_privilege('modelyard_app', c.oid, 'select, insert, update, delete') as open
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = 'public' and c.relkind in ('r', 'p') and c.relispartition`,
    );
    expect(parts.length).toBeGreaterThan(0);
    expect(parts.filter((part) => part.open)).toEqual([]);
    for (const { name } of parts) {
      await expect(db.pool.query(`select * from ${name}`)).rejects.toThrow(/permission denied/);
    }
  });

  it("gives every tenant table one policy with both USING and WITH CHECK", async () => {
    const bad = await asOwner<{ name: string }>(
      db.ownerUrl,
      `select c.table_name as name from information_schema.columns c
       join information_schema.tables t using (table_schema, table_name)
       where c.table_schema = 'public' and c.column_name = 'workspace_id' and t.table_type = 'BASE TABLE'
         and not (select p.relispartition from pg_class p where p.oid = format('%I.%I', c.table_schema, c.table_name)::regclass)
         and not exists (
           select from pg_policies p where p.schemaname = 'public' and p.tablename = c.table_name
             and p.policyname = 'tenant' and p.cmd = 'ALL' and p.qual like '%app.workspace_id%' and p.with_check like '%app.workspace_id%')`,
    );
    expect(bad).toEqual([]);
  });

  it("begins every primary key and every foreign key between tenant tables with workspace_id", async () => {
    const bad = await asOwner<{ name: string }>(
      db.ownerUrl,
      `select con.conrelid::regclass || '.' || con.conname as name
       from pg_constraint con join pg_namespace n on n.oid = con.connamespace
       join pg_attribute tenant on tenant.attrelid = con.conrelid and tenant.attname = 'workspace_id'
       where n.nspname = 'public' and con.contype in ('p', 'f') and con.conkey[1] <> tenant.attnum
         and con.confrelid not in ('users'::regclass, 'workspaces'::regclass)`,
    );
    expect(bad).toEqual([]);
  });

  it("connects as a role that owns nothing and cannot pass by policies", async () => {
    const { rows } = await db.pool.query(
      `select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb,
         (select count(*)::int from pg_class where relowner = r.oid) as owned
       from pg_roles r where rolname = current_user`,
    );
    expect(rows[0]).toEqual({
      rolsuper: false,
      rolbypassrls: false,
      rolcreaterole: false,
      rolcreatedb: false,
      owned: 0,
    });
  });

  it("keeps sessions and sign-in links out of reach of plain SQL", async () => {
    for (const table of CLOSED) {
      await expect(db.pool.query(`select * from ${table}`)).rejects.toThrow(/permission denied/);
    }
  });

  it("never lets an audit row be changed or removed", async () => {
    await expect(db.pool.query("update audit_log set action = 'x'")).rejects.toThrow(/permission/);
    await expect(db.pool.query("delete from audit_log")).rejects.toThrow(/permission/);
  });
});
