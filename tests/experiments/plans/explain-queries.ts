import type { Context } from "@/server/kernel/context";
import type { HotQuery } from "./hot-queries";
import { recordStatements, type Statement } from "./record-statements";

export interface ExplainedQuery {
  name: string;
  /** The plan of each statement the verb sends, without costs. */
  plans: { statement: string; plan: string }[];
}

/** Runs each query once on a seeded workspace and asks how PostgreSQL executes what it sent. */
export async function explainQueries(
  context: Context,
  queries: HotQuery[],
): Promise<ExplainedQuery[]> {
  const { db, statements } = recordStatements(context.db);
  const explained: ExplainedQuery[] = [];
  for (const { name, run } of queries) {
    statements.length = 0;
    await run({ ...context, db });
    explained.push({ name, plans: await explain(context, [...statements]) });
  }
  return explained;
}

async function explain({ db, workspaceId }: Context, statements: Statement[]) {
  const client = await db.pool.connect();
  const plans = new Map<string, string>();
  try {
    await client.query("begin");
    await client.query("select set_config('app.workspace_id', $1, true)", [workspaceId]);
    for (const { text, values } of statements) {
      if (!/^\s*(select|with|insert|update|delete)\b/i.test(text)) continue;
      if (/set_config/.test(text)) {
        await client.query(text, values);
        continue;
      }
      const { rows } = await client.query<Record<string, string>>(
        `explain (costs off) ${text}`,
        values,
      );
      plans.set(oneLine(text), rows.map((row) => row["QUERY PLAN"] ?? "").join("\n"));
    }
    await client.query("rollback");
  } finally {
    client.release();
  }
  return [...plans].map(([statement, plan]) => ({ statement, plan }));
}

const oneLine = (text: string): string => text.trim().replaceAll(/\s+/g, " ");
