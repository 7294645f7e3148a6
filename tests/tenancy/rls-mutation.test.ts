import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { asOwner, createTestDatabase, type TestDatabase } from "../support/database";

/** Tables with a tenant, and workspaces itself, whose own id is the tenant. */
interface TenantTable {
  table: string;
  policy: string;
  using: string;
  column: string;
}

let db: TestDatabase;
let app: Client;
let owner: Client;
let tables: TenantTable[];
const a = randomUUID();
const b = randomUUID();

beforeAll(async () => {
  db = await createTestDatabase();
  app = new Client({ connectionString: db.url });
  owner = new Client({ connectionString: db.ownerUrl });
  await Promise.all([app.connect(), owner.connect()]);
  // A table's owner that is no superuser: only FORCE holds it back.
  await owner.query("create role probe_owner nologin");
  tables = await asOwner<TenantTable>(
    db.ownerUrl,
    `select p.tablename as table, p.policyname as policy, p.qual as using,
       case when p.tablename = 'workspaces' then 'id' else 'workspace_id' end as column
     from pg_policies p where p.schemaname = 'public' and p.policyname = 'tenant' order by 1`,
  );
  // Only row-level security is under test, so nothing else may refuse a row.
  await owner.query("set session_replication_role = replica");
  const checks = await owner.query<{ name: string; table: string }>(
    `select conname as name, conrelid::regclass::text as table from pg_constraint
     where contype = 'c' and connamespace = 'public'::regnamespace`,
  );
  for (const { name, table } of checks.rows) {
    await owner.query(`alter table ${table} drop constraint ${name}`);
  }
  for (const { table } of tables) await fill(table);
});
afterAll(async () => {
  await Promise.all([app.end(), owner.end()]);
  await asOwner(db.ownerUrl, "drop owned by probe_owner; drop role probe_owner").catch(
    () => undefined,
  );
  await db.close();
});

/** A value any column of the type takes; texts are unlike each other for unique indexes. */
const VALUE = `case
  when a.attname = $WORKSPACE then quote_literal($1)
  when t.typname = 'uuid' then 'gen_random_uuid()'
  when t.typname = 'int2' then '(random() * 10000)::int'
  when t.typname in ('int4', 'int8', 'float4', 'float8', 'numeric') then '(random() * 100000)::int'
  when t.typname = 'bool' then 'false'
  when t.typname in ('timestamptz', 'timestamp') then 'now()'
  when t.typname = 'jsonb' then quote_literal('{}')
  when t.typname = 'bytea' then 'sha256(gen_random_uuid()::text::bytea)'
  when t.typcategory = 'A' then quote_literal('{}')
  else 'gen_random_uuid()::text' end`;

/** `insert` of one row of a workspace, made from the catalogue. */
async function insertOf(table: string, workspaceId: string): Promise<string> {
  const workspace = table === "workspaces" ? "'id'" : "'workspace_id'";
  const { rows } = await owner.query<{ columns: string; values: string }>(
    `select string_agg(quote_ident(a.attname), ', ' order by a.attnum) as columns,
       string_agg(${VALUE.replace("$WORKSPACE", workspace)}, ', ' order by a.attnum) as values
     from pg_attribute a join pg_type t on t.oid = a.atttypid
     where a.attrelid = $2::regclass and a.attnum > 0 and not a.attisdropped
       and a.attgenerated = '' and (a.attnotnull or a.attname = ${workspace})`,
    [workspaceId, table],
  );
  return `insert into ${table} (${rows[0]?.columns}) values (${rows[0]?.values})`;
}

async function fill(table: string): Promise<void> {
  for (const workspaceId of [a, b]) await owner.query(await insertOf(table, workspaceId));
}

/** Runs `work` on a connection inside a transaction that is always rolled back. */
async function rolledBack<T>(client: Client, work: () => Promise<T>): Promise<T> {
  await client.query("begin");
  try {
    return await work();
  } finally {
    await client.query("rollback");
  }
}

const within = (client: Client, workspaceId: string) =>
  client.query("select set_config('app.workspace_id', $1, true)", [workspaceId]);

/** What is wrong with how a table keeps workspaces apart; an empty list is a whole table. */
async function probe({ table, column }: TenantTable): Promise<string[]> {
  const wrong: string[] = [];
  const count = async (client: Client, where = "") =>
    (await client.query<{ n: number }>(`select count(*)::int as n from ${table} ${where}`)).rows[0]
      ?.n ?? -1;
  await owner.query(`grant select, insert, update, delete on ${table} to modelyard_app`);
  await rolledBack(app, async () => {
    if ((await count(app)) !== 0) wrong.push("shows rows before a workspace is set");
    await within(app, a);
    if ((await count(app)) < 1) wrong.push("hides its own rows");
    if ((await count(app, `where ${column} = '${b}'`)) !== 0) wrong.push("shows another's rows");
  });
  await rolledBack(app, async () => {
    await within(app, a);
    const { rowCount } = await app.query(`delete from ${table} where ${column} = '${b}'`);
    if (rowCount !== 0) wrong.push("lets another's rows be deleted");
  }).catch(() => undefined);
  const insert = await insertOf(table, table === "workspaces" ? randomUUID() : b);
  const inserted = await rolledBack(app, async () => {
    await within(app, a);
    await app.query(insert);
  }).then(
    () => "",
    (error: Error) => error.message,
  );
  if (!/row-level security/.test(inserted)) wrong.push(`takes rows for another: ${inserted}`);
  const moved = await rolledBack(app, async () => {
    await within(app, a);
    await app.query(`update ${table} set ${column} = '${b}' where ${column} = '${a}'`);
  }).then(
    () => "",
    (error: Error) => error.message,
  );
  if (!/row-level security/.test(moved)) wrong.push(`lets rows move to another: ${moved}`);
  await rolledBack(owner, async () => {
    await owner.query(`grant usage on schema public to probe_owner`);
    await owner.query(`grant create on schema public to probe_owner`);
    await owner.query(`alter table ${table} owner to probe_owner`);
    await owner.query("set local role probe_owner");
    if ((await count(owner)) !== 0) wrong.push("shows its owner every row");
  });
  return wrong;
}

it("keeps every tenant table apart, as direct SQL of the app role sees it", async () => {
  expect(tables.length).toBeGreaterThan(25);
  const wrong: string[] = [];
  for (const one of tables) wrong.push(...(await probe(one)).map((text) => `${one.table} ${text}`));
  expect(wrong).toEqual([]);
}, 180_000);

const MUTATIONS = {
  "no policy but an open one": ({ table, policy }: TenantTable) => [
    `drop policy ${policy} on ${table}`,
    `create policy ${policy} on ${table} using (true)`,
  ],
  "the policy dropped and security disabled": ({ table, policy }: TenantTable) => [
    `drop policy ${policy} on ${table}`,
    `alter table ${table} disable row level security`,
  ],
  "the policy dropped": ({ table, policy }: TenantTable) => [`drop policy ${policy} on ${table}`],
  "FORCE dropped": ({ table }: TenantTable) => [`alter table ${table} no force row level security`],
  "WITH CHECK open": ({ table, policy }: TenantTable) => [
    `alter policy ${policy} on ${table} with check (true)`,
  ],
  "USING open": ({ table, policy }: TenantTable) => [
    `alter policy ${policy} on ${table} using (true)`,
  ],
};

it.each(Object.entries(MUTATIONS))(
  "notices on every tenant table: %s",
  async (_name, mutate) => {
    const survived: string[] = [];
    for (const one of tables) {
      for (const statement of mutate(one)) await owner.query(statement);
      if ((await probe(one)).length === 0) survived.push(one.table);
      await restore(one);
    }
    process.stdout.write(`${tables.length} tables, ${tables.length - survived.length} noticed\n`);
    expect(survived).toEqual([]);
    for (const one of tables) expect(await probe(one)).toEqual([]);
  },
  180_000,
);

async function restore({ table, policy, using }: TenantTable): Promise<void> {
  await owner.query(`drop policy if exists ${policy} on ${table}`);
  await owner.query(`create policy ${policy} on ${table} using (${using}) with check (${using})`);
  await owner.query(`alter table ${table} enable row level security`);
  await owner.query(`alter table ${table} force row level security`);
}

it("shows people to the workspaces they belong to, and notices when it does not", async () => {
  const names = async () =>
    rolledBack(app, async () => {
      await within(app, a);
      return (await app.query<{ name: string }>("select name from users order by 1")).rows;
    });
  for (const workspaceId of [a, b]) {
    const id = randomUUID();
    await owner.query("insert into users (id, name) values ($1, $2)", [id, `of ${workspaceId}`]);
    await owner.query(
      "insert into members (workspace_id, user_id, role) values ($1, $2, 'viewer')",
      [workspaceId, id],
    );
  }
  const own = [{ name: `of ${a}` }];
  expect(await names()).toEqual(own);
  await owner.query("alter table users disable row level security");
  expect(await names()).not.toEqual(own);
  await owner.query("alter table users enable row level security");
  const open = "create policy open on users for select using (true)";
  await owner.query(open);
  expect(await names()).not.toEqual(own);
  await owner.query("drop policy open on users");
  await owner.query("drop policy member on users");
  expect(await names()).not.toEqual(own);
});
