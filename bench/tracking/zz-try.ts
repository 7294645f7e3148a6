import { readFileSync } from "node:fs";
const h = JSON.parse(readFileSync("/tmp/e-hold.json", "utf8"));
const call = async (t: any, path: string, body: any) => {
  const s = performance.now();
  const r = await fetch(t.url + path, { method: "POST", headers: { ...t.headers, "content-type": "application/json" }, body: JSON.stringify(body) });
  const j = await r.json();
  return [performance.now() - s, j, r.status] as const;
};
const q = (filter: string, order: string[], max: number) => ({ experiment_ids: ["4711"], filter, order_by: order, max_results: max });
const cases: [string, any][] = [];
for (const max of [100, 1000]) {
  cases.push([`none ${max}`, q("", [], max)]);
  cases.push([`m02>0.9 order m03 ${max}`, q("metrics.m02 > 0.9", ["metrics.m03 DESC"], max)]);
  cases.push([`m02>0.99 order m03 ${max}`, q("metrics.m02 > 0.99", ["metrics.m03 DESC"], max)]);
  cases.push([`m02>0.999 order m03 ${max}`, q("metrics.m02 > 0.999", ["metrics.m03 DESC"], max)]);
  cases.push([`m02>0.5 order m03 ${max}`, q("metrics.m02 > 0.5", ["metrics.m03 ASC"], max)]);
  cases.push([`m00>0.9 order m01 DESC anti ${max}`, q("metrics.m00 > 0.9", ["metrics.m01 DESC"], max)]);
  cases.push([`m00>0.5 order m00 ${max}`, q("metrics.m00 > 0.5", ["metrics.m00 DESC"], max)]);
  cases.push([`p0='3' order m05 ${max}`, q("params.p0 = '3'", ["metrics.m05 DESC"], max)]);
  cases.push([`order p1 ${max}`, q("", ["params.p1 ASC"], max)]);
  cases.push([`order name ${max}`, q("", ["attributes.run_name ASC"], max)]);
  cases.push([`min(m02)<0.1 order max(m03) ${max}`, q("min(metrics.m02) < 0.1", ["max(metrics.m03) DESC"], max)]);
}
const only = process.argv[2];
for (const [name, body] of cases) {
  if (only && !name.includes(only)) continue;
  const ts: number[] = []; let n = 0; let st = 0;
  for (let i = 0; i < 8; i++) { const [ms, j, s] = await call(h, "/api/2.0/mlflow/runs/search", body); ts.push(ms); n = (j as any).runs?.length; st = s; if (s !== 200) console.log(j); }
  let peer = "";
  if (process.argv[3] && !name.includes("min(")) { const p: number[] = []; for (let i = 0; i < 3; i++) { const [ms, j] = await call(h.peer, "/api/2.0/mlflow/runs/search", body); p.push(ms); } peer = p.map((x) => x.toFixed(0)).join(" "); }
  ts.sort((a, b) => a - b);
  console.log(name.padEnd(40), n, st, "min", ts[0]!.toFixed(1), "med", ts[4]!.toFixed(1), "max", ts[7]!.toFixed(1), peer && `peer ${peer}`);
}
