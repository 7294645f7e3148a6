import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { searchRunTable } from "@/server/experiments";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { type ExplainedQuery, explainQueries } from "./plans/explain-queries";
import { hotQueries } from "./plans/hot-queries";
import { seedPlans } from "./plans/seed-plans";

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
    await asOwner(world.db.ownerUrl, "analyze");
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
\`npx tsx scripts/query-plans.ts\`; \`tests/experiments/query-plans.test.ts\` fails when one of these queries reads a whole table.

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
  const pages = async (filter: string, orderBy: string[]) => {
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const input = { experimentIds: ["1"], filter, orderBy, limit: 1000, cursor };
      const page = await searchRunTable(a.as("viewer"), input);
      ids.push(...page.items.map((run) => run.id));
      cursor = page.nextCursor;
    } while (cursor);
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
});
