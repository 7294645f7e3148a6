import { readFileSync } from "node:fs";
import { openDatabase, withWorkspace } from "@/db/client";
import { searchRuns } from "@/server/experiments";
import { recordStatements } from "../../scripts/plans/record-statements";
const h = JSON.parse(readFileSync("/tmp/e-hold.json", "utf8"));
const real = openDatabase(h.databaseUrl, 2);
const { db, statements } = recordStatements(real);
const ctx: any = { db, workspaceId: h.workspaceId, now: () => new Date(), requestId: "x", actor: { type: "user", userId: "x", name: "x", role: "admin" }, ports: {} };
const [, , filter, order, max] = process.argv;
await searchRuns(ctx, { experimentNumbers: [4711], filter, orderBy: order ? order.split(",") : [], limit: Number(max ?? 100) });
for (const s of statements.filter((s) => /^\s*(select|with)/i.test(s.text) && !/set_config/.test(s.text))) {
  const c = await real.pool.connect();
  await c.query("begin"); await c.query("select set_config('app.workspace_id', $1, true)", [h.workspaceId]);
  if (process.env.SET) for (const x of process.env.SET.split(";")) await c.query(x);
  const { rows } = await c.query("explain (analyze, buffers) " + s.text, s.values);
  const lines = rows.map((r: any) => r["QUERY PLAN"]);
  console.log("-----", s.text.trim().slice(0, 100).replace(/\s+/g, " "));
  if (!process.env.ONLY || s.text.includes(process.env.ONLY)) console.log(lines.filter((l: string) => !/Buffers|current_setting|Planning:$/.test(l)).map((l: string) => l.slice(0, 200)).join("\n"));
  await c.query("rollback"); c.release();
}
await real.pool.end();
