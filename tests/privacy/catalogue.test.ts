import { afterAll, beforeAll, expect, it } from "vitest";
import { CATALOGUE } from "@/server/privacy/catalogue";
import { asOwner, createTestDatabase, type TestDatabase } from "../support/database";

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

interface Column {
  place: string;
  type: string;
  person: boolean;
}

/** Columns of ordinary tables that hold text or bytes, or an account's id. */
const columns = () =>
  asOwner<Column>(
    db.ownerUrl,
    `select case when n.nspname = 'public' then '' else n.nspname || '.' end || c.relname || '.' || a.attname as place,
       a.atttypid::regtype::text as type,
       a.atttypid = 'uuid'::regtype and (a.attname ~ '(^|_)(user_id|by|owner|person|member|reviewer|author)$'
         or exists (select from pg_constraint f where f.conrelid = c.oid and f.contype = 'f'
           and f.confrelid = 'users'::regclass and a.attnum = any(f.conkey))) as person
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where n.nspname in ('public', 'inngest') and c.relkind in ('r', 'p') and not c.relispartition`,
  );

const TEXT = ["text", "text[]", "json", "jsonb", "bytea", "character varying", "character"];

const declared = (place: string): string | undefined => {
  const at = place.lastIndexOf(".");
  const entry = CATALOGUE[place.slice(0, at)];
  const column = place.slice(at + 1);
  return entry?.personal[column] ?? entry?.plain[column];
};

it("says of every column that can hold a person's data what becomes of it", async () => {
  const undeclared = (await columns())
    .filter(({ type, person }) => TEXT.includes(type) || person)
    .filter(({ place }) => !declared(place))
    .map(({ place, type }) => `${place} (${type})`);
  expect(undeclared, "declare these in server/privacy/catalogue").toEqual([]);
});

it("notices a table nobody declared", async () => {
  await asOwner(
    db.ownerUrl,
    "create table strangers (workspace_id uuid, diary text, made_by uuid)",
  );
  const seen = (await columns()).filter(({ place }) => place.startsWith("strangers."));
  await asOwner(db.ownerUrl, "drop table strangers");
  const missing = seen.filter(({ type, person }) => (TEXT.includes(type) || person) && true);
  expect(missing.map(({ place }) => place).toSorted()).toEqual([
    "strangers.diary",
    "strangers.made_by",
  ]);
  expect(missing.map(({ place }) => declared(place))).toEqual([undefined, undefined]);
});

it("declares nothing that does not exist, and nothing twice", async () => {
  const real = new Set((await columns()).map(({ place }) => place));
  const named = Object.entries(CATALOGUE).flatMap(([table, { personal, plain }]) =>
    [...Object.keys(personal), ...Object.keys(plain)].map((column) => `${table}.${column}`),
  );
  expect(named.filter((place) => !real.has(place))).toEqual([]);
  expect(new Set(named).size).toBe(named.length);
});
