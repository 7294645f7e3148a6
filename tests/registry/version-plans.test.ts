import { createHash } from "node:crypto";
import { Client } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Context } from "@/server/kernel/context";
import { searchRegisteredVersions } from "@/server/registry";
import { explainQueries } from "../experiments/plans/explain-queries";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

const VERSIONS = 20_000;

let world: TestWorld;
let a: TestWorkspace;
beforeAll(async () => {
  world = await createTestWorld();
  a = await world.workspace();
  const client = new Client({ connectionString: world.db.ownerUrl });
  await client.connect();
  await client.query(
    `insert into models (workspace_id, id, name, type, framework)
     select $1::uuid, md5('model' || i)::uuid, 'model ' || i, 'classification', 'custom' from generate_series(1, 100) i`,
    [a.id],
  );
  await client.query(
    `insert into experiments (workspace_id, id, number, name) values ($1::uuid, md5('e')::uuid, 1, 'e')`,
    [a.id],
  );
  await client.query(
    `insert into runs (workspace_id, id, experiment_id, name, status, start_time)
     select $1::uuid, md5('run' || i)::uuid, md5('e')::uuid, 'run', 'FINISHED', 1 from generate_series(1, ${VERSIONS}) i`,
    [a.id],
  );
  // Of four versions one came from a run here, one from a run elsewhere, and two from none.
  await client.query(
    `insert into model_versions (workspace_id, id, model_id, number, task, source_run, run_id, updated_at)
     select $1::uuid, md5('version' || i)::uuid, md5('model' || 1 + i / 4 % 100)::uuid, i, 'classification',
       case i % 4 when 1 then 'elsewhere ' || i end, case i % 4 when 0 then md5('run' || i)::uuid end,
       now() - i * interval '1 second'
     from generate_series(1, ${VERSIONS}) i`,
    [a.id],
  );
  // Two versions share the head of a long value.
  await client.query(
    `insert into model_version_tags (workspace_id, version_id, key, value)
     select $1::uuid, md5('version' || i)::uuid, 'build', case when i <= 2 then repeat('b', 200) || i else 'build ' || i end
     from generate_series(1, ${VERSIONS}) i`,
    [a.id],
  );
  await client.query("vacuum analyze models, model_versions, model_version_tags, runs");
  await client.end();
});
afterAll(() => world.close());

const search = (filter: string) =>
  searchRegisteredVersions(a.as("viewer"), { filter, limit: 200 }).then((page) => page.items);

async function plansOf(input: Parameters<typeof searchRegisteredVersions>[1]): Promise<string> {
  const query = {
    name: "Versions",
    run: (ctx: Context) => searchRegisteredVersions(ctx, input),
  };
  const [explained] = await explainQueries(a.as("viewer"), [query]);
  return explained?.plans.map(({ plan }) => plan).join("\n") ?? "";
}

const here = createHash("md5").update("run4000").digest("hex");

it("finds the versions of a run by indexes, however many versions there are", async () => {
  const found = await search(`run_id IN ('${here}', 'elsewhere 4001')`);
  expect(found.map((one) => one.run).toSorted()).toEqual([here, "elsewhere 4001"].toSorted());
  const filter = `run_id = '${here}'`;
  expect(await search(filter)).toHaveLength(1);
  const plans = await plansOf({ filter, limit: 200 });
  expect(plans).toMatch(/Scan on model_versions_run\b/);
  expect(plans).toMatch(/Scan on model_versions_source_run\b/);
  expect(plans).not.toMatch(/Seq Scan on model_versions\b/);
});

it("finds the versions with a tag by an index, however long its value is", async () => {
  const numbers = async (filter: string) => (await search(filter)).map((one) => one.number);
  expect(await numbers(`tags.build = '${"b".repeat(200)}2'`)).toEqual([2]);
  expect(await numbers("tags.build IN ('build 7', 'build 9', 'build')")).toHaveLength(2);
  expect(await numbers("name = 'model 1' AND NOT tags.build = 'build 400'")).not.toContain(400);
  const plans = await plansOf({ filter: "tags.build = 'build 7'", limit: 200 });
  expect(plans).toMatch(/Scan (using|on) model_version_tags_value\b[\s\S]*value_head = /);
  expect(plans).not.toMatch(/Seq Scan on model_version/);
});

it("begins a page where the one before ended, by the index of changes", async () => {
  const context = a.as("viewer");
  const { items, nextCursor } = await searchRegisteredVersions(context, { limit: 200 });
  const input = { limit: 200, cursor: nextCursor ?? "" };
  const next = await searchRegisteredVersions(context, input);
  const seen = new Set([...items, ...next.items].map(({ id }) => id));
  expect(seen.size).toBe(400);
  expect(await plansOf(input)).toMatch(/Index Cond:[^\n]*updated_at <= /);
});

it("sorts by name or by number along an index, and pages hold every version once", async () => {
  const context = a.as("viewer");
  for (const [orderBy, name] of [
    [["name ASC"], "models_name_order"],
    [["version_number DESC"], "model_versions_order"],
  ] as const) {
    const seen: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < 3; page += 1) {
      const input = { orderBy: [...orderBy], limit: 200, cursor };
      expect(await plansOf(input), name).toMatch(new RegExp(`Scan[^\n]* using ${name}\\b`));
      const { items, nextCursor } = await searchRegisteredVersions(context, input);
      seen.push(...items.map(({ id }) => id));
      cursor = nextCursor ?? undefined;
    }
    expect(new Set(seen).size).toBe(600);
  }
});

it("counts versions without a run, and of other runs, among those NOT made by one", async () => {
  const all = await search("name = 'model 1'");
  const made = all.filter((one) => one.run !== null);
  const [one] = made;
  expect(made.length).toBeGreaterThan(1);
  expect(all.length).toBeGreaterThan(made.length);
  expect(await search(`name = 'model 1' AND NOT run_id = '${one?.run}'`)).toHaveLength(
    all.length - 1,
  );
  // Unlike NOT, != is about runs there are.
  expect(await search(`name = 'model 1' AND run_id != '${one?.run}'`)).toHaveLength(
    made.length - 1,
  );
});
