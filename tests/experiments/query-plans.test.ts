import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { searchRunTable } from "@/server/experiments";
import type { Context } from "@/server/kernel/context";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { type ExplainedQuery, explainQueries } from "./plans/explain-queries";
import { hotQueries } from "./plans/hot-queries";
import { SEEDED, seedPlans } from "./plans/seed-plans";

let world: TestWorld;
let a: TestWorkspace;
let queries: ExplainedQuery[];
beforeAll(async () => {
  world = await createTestWorld();
  a = await world.workspace();
  const neighbor = await world.workspace();
  const runId = await seedPlans(world.db.ownerUrl, [a.id, neighbor.id]);
  queries = await explainQueries(a.as("admin"), hotQueries(runId));
  // Statistics are a sample: a plan that reads a whole table must do so by a second sample, too.
  for (let again = 0; again < 2 && queries.some(readsWholeTable); again += 1) {
    await asOwner(world.db.ownerUrl, `analyze ${SEEDED}`);
    queries = await explainQueries(a.as("admin"), hotQueries(runId));
  }
  if (process.env.QUERY_PLANS) await writeFile(process.env.QUERY_PLANS, toMarkdown(queries));
}, 120_000);
afterAll(() => world.close());

const readsWholeTable = ({ plans }: ExplainedQuery): boolean =>
  plans.some(({ plan }) => /Seq Scan/.test(plan));

/** Ids and times of this run of the test say nothing about a plan. */
const anonymous = (plan: string): string =>
  plan.replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g, "…").replaceAll(/'\{….*?\}'/g, "'{…}'");

function toMarkdown(explained: ExplainedQuery[]): string {
  const parts = explained.map(({ name, plans }, at) => {
    const blocks = plans.map(({ statement, plan }) => {
      const short = statement.length > 300 ? `${statement.slice(0, 300)} …` : statement;
      return `\`\`\`sql\n${short}\n\`\`\`\n\n\`\`\`text\n${anonymous(plan)}\n\`\`\``;
    });
    return `## ${at + 1}. ${name}\n\n${blocks.join("\n\n")}`;
  });
  return `# How PostgreSQL executes the hottest queries of the tracking store

Two workspaces, each with 1,000 experiments, 20,000 runs, 100,000 newest values and 50,000 points. Written by
\`npm run query-plans\`; \`tests/experiments/query-plans.test.ts\` fails when one of these queries reads a whole table.

${parts.join("\n\n")}
`;
}

describe("the ten hottest queries", () => {
  it("are ten, each with a plan", () => {
    expect(queries).toHaveLength(10);
    for (const { name, plans } of queries) expect(plans.length, name).toBeGreaterThan(0);
  });

  it("read no table from end to end", () => {
    const whole = queries.flatMap(({ name, plans }) =>
      plans
        .filter(({ plan }) => /Seq Scan/.test(plan))
        .map(({ statement, plan }) => ({ name, statement, plan })),
    );
    expect(whole).toEqual([]);
  });
});

describe("searches of many runs", () => {
  const pages = async (filter: string, orderBy: string[], most = Infinity) => {
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const input = { experimentIds: ["1"], filter, orderBy, limit: 1000, cursor };
      const page = await searchRunTable(a.as("viewer"), input);
      ids.push(...page.items.map((run) => run.id));
      cursor = page.nextCursor;
    } while (cursor && ids.length < most);
    return ids;
  };

  it("find the same whether a comparison's runs are gathered first or looked up on the way", async () => {
    // OR keeps a comparison from being gathered; the second term is met by nothing.
    const never = "run_id = '0'";
    for (const filter of [
      "metrics.`metric 1` > 0.2",
      "metrics.`metric 1` > 0.97",
      "params.`param 1` = '77'",
    ]) {
      const orderBy = ["metrics.`metric 2` DESC"];
      const gathered = await pages(filter, orderBy);
      expect(gathered.length).toBeGreaterThan(0);
      expect(gathered).toEqual(await pages(`${filter} OR ${never}`, orderBy));
    }
  });

  it("find runs that are the last of the sort from its other end, as reading every run would", async () => {
    // What is high in metric 1 is low here; 100 share each value, one run in 150 is archived. Between 0.6 and 0.72
    // one in nine lacks it and one in seven has NaN.
    const mine = "runs.workspace_id = $1 and experiment_id = md5('experiment1')::uuid";
    await asOwner(
      world.db.ownerUrl,
      `insert into run_latest_metrics (workspace_id, run_id, key, timestamp, step, value, is_nan, points, first_step, first_time, last_time)
         select workspace_id, run_id, 'against', 1, 0,
           case when is_middle and turn % 7 = 0 then 0 else round(((1 - value) * 200)::numeric) / 200 end,
           is_middle and turn % 7 = 0, 1, 0, 1, 1
         from (select *, row_number() over (order by run_id) as turn, value between 0.6 and 0.72 as is_middle
           from run_latest_metrics where workspace_id = $1 and key = 'metric 1') numbered
         where not (is_middle and turn % 9 = 0)`,
      [a.id],
    );
    await asOwner(
      world.db.ownerUrl,
      `update runs set deleted_at = now() where ${mine} and start_time / 1000 % 150 = 1`,
      [a.id],
    );
    await asOwner(world.db.ownerUrl, "vacuum analyze runs, run_latest_metrics");
    for (const [filter, direction, isBehind] of [
      ["metrics.`metric 1` > 0.8", "DESC", true],
      ["metrics.`metric 1` < 0.2", "ASC", true],
      ["metrics.`metric 1` > 0.8 AND metrics.`metric 2` < 0.5", "DESC", true],
      ["metrics.`metric 1` > 0.7", "DESC", false],
    ] as const) {
      const where = filter
        .replace(/metrics.`metric 1`/, "m1.value")
        .replace(/metrics.`metric 2`/, "m2.value");
      const rows = await asOwner<{ id: string }>(
        world.db.ownerUrl,
        `select id from runs
           join run_latest_metrics m1 on m1.workspace_id = runs.workspace_id and m1.run_id = id and m1.key = 'metric 1'
           join run_latest_metrics m2 on m2.workspace_id = runs.workspace_id and m2.run_id = id and m2.key = 'metric 2'
           left join run_latest_metrics l on l.workspace_id = runs.workspace_id and l.run_id = id and l.key = 'against'
           where ${mine} and deleted_at is null and ${where}
           order by coalesce(l.is_nan::int, 2), l.value ${direction}, start_time desc, id`,
        [a.id],
      );
      const orderBy = [`metrics.against ${direction}`];
      const ids = rows.map(({ id }) => id);
      expect(await pages(filter, orderBy), filter).toEqual(ids);
      const page = { experimentIds: ["1"], filter, orderBy, limit: 50 };
      const { items } = await searchRunTable(a.as("viewer"), page);
      expect(items.map(({ id }) => id)).toEqual(ids.slice(0, 50));
      if (!isBehind) continue;
      const run = (ctx: Context) => searchRunTable(ctx, page);
      const [explained] = await explainQueries(a.as("viewer"), [{ name: filter, run }]);
      const plans = explained?.plans.map(({ plan }) => plan).join("\n");
      expect(plans, filter).toMatch(/Function Scan on (unnest )?o\b/);
    }
  }, 120_000);

  it("sort by the extremes of all points as reading every run would, ties and archived runs included", async () => {
    // Runs of other experiments lead, one in 150 is archived, and 400 share each extreme.
    const mine = "workspace_id = $1 and experiment_id = md5('experiment1')::uuid";
    await asOwner(
      world.db.ownerUrl,
      `insert into run_latest_metrics (workspace_id, run_id, key, timestamp, step, value, min_value, min_step,
           max_value, max_step, points, first_step, first_time, last_time)
         select workspace_id, id, 'tied', 1, 0, hashtext(id::text), -(n / 400), 0, n / 400, 0, 1, 0, 1, 1
         from (select *, row_number() over (order by experiment_id = md5('experiment1')::uuid desc, id) as n
           from runs where workspace_id = $1) numbered`,
      [a.id],
    );
    await asOwner(
      world.db.ownerUrl,
      `update runs set deleted_at = now() where ${mine} and start_time % 150 = 0`,
      [a.id],
    );
    await asOwner(world.db.ownerUrl, "analyze runs, run_latest_metrics");
    for (const [aggregate, direction] of [
      ["max", "DESC"],
      ["min", "ASC"],
      ["best", "ASC"],
      ["last", "DESC"],
    ]) {
      const column =
        aggregate === "min" ? "min_value" : aggregate === "last" ? "value" : "max_value";
      const rows = await asOwner<{ id: string }>(
        world.db.ownerUrl,
        `select id from runs join run_latest_metrics l on l.workspace_id = runs.workspace_id and l.run_id = id and key = 'tied'
           where ${mine.replace("workspace_id", "runs.workspace_id")} and deleted_at is null
           order by ${column} ${direction}, start_time desc, id`,
        [a.id],
      );
      const field = aggregate === "last" ? "metrics.tied" : `${aggregate}(metrics.tied)`;
      // What most runs meet is looked up on the way.
      for (const filter of ["", "metrics.`metric 1` >= 0"]) {
        const found = await pages(filter, [`${field} ${direction}`], 3000);
        expect(found, `${field} ${filter}`).toEqual(rows.slice(0, 3000).map(({ id }) => id));
      }
    }
  }, 120_000);
});
