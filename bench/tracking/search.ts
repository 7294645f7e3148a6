/**
 * Searches over 100,000 runs of 20 metrics, beside a stock MLflow server on the same PostgreSQL with the
 * same runs. Usage: npx tsx bench/tracking/search.ts [calls a figure] (BENCH_NO_PEER=1: ours alone)
 */
import { cpus, loadavg } from "node:os";
import { Caller, type Target } from "./load";
import { RUNS, seedOurs, seedPeer } from "./seed-runs";
import { startServers } from "./servers";

const CALLS = Number(process.argv[2] ?? 40);
/** A stock server takes seconds for one of these calls. */
const PEER_CALLS = Math.min(CALLS, 10);
const PAGE = 100;
/** Pages turned to reach the deep one. */
const DEEP = 900;

interface Search {
  filter: string;
  order_by: string[];
  max_results: number;
  page_token?: string;
}

/** The n-th search of a kind; thresholds differ, so that no answer is kept from the call before. */
const SEARCHES: Record<string, (n: number) => Search> = {
  "filter 10 %, other metric's order": (n) =>
    search(`metrics.m02 > ${0.9 + n / 1e5}`, ["metrics.m03 DESC"]),
  "filter 50 %, other metric's order": (n) =>
    search(`metrics.m04 > ${0.5 + n / 1e5}`, ["metrics.m05 ASC"]),
  "filter 0.1 %, other metric's order": (n) =>
    search(`metrics.m06 > ${0.999 + n / 1e6}`, ["metrics.m07 DESC"]),
  "filter and order against each other": (n) =>
    search(`metrics.m00 > ${0.9 + n / 1e5}`, ["metrics.m01 DESC"]),
  "two metrics and a parameter": (n) =>
    search(`metrics.m08 > ${0.5 + n / 1e5} AND metrics.m09 < 0.5 AND params.p0 = '3'`, [
      "metrics.m10 DESC",
    ]),
  "newest first": () => search("", []),
};

const search = (filter: string, order_by: string[], max_results = PAGE): Search => ({
  filter,
  order_by,
  max_results,
});

const BY_METRIC = search("", ["metrics.m11 DESC"]);

const percentile = (times: number[], share: number): number =>
  times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))] ??
  0;

async function timed(calls: number, call: (n: number) => Promise<unknown>): Promise<number[]> {
  await call(calls);
  const times: number[] = [];
  for (let n = 0; n < calls; n++) {
    const from = performance.now();
    await call(n);
    times.push(performance.now() - from);
  }
  return times;
}

type Reply = { next_page_token?: string; runs?: unknown[] };
const runsSearch = (caller: Caller, experiment: string, body: Search) =>
  caller.call<Reply>("POST", "/runs/search", { experiment_ids: [experiment], ...body });

/** The token of the page after `pages` pages; a stock server's token is an offset. */
async function deepToken(
  caller: Caller,
  experiment: string,
  pages: number,
  isPeer: boolean,
): Promise<string> {
  if (isPeer) return Buffer.from(JSON.stringify({ offset: pages * PAGE })).toString("base64");
  let token = "";
  // Pages of 1,000 get there sooner; a cursor names a place, not a page.
  for (let at = 0; at < (pages * PAGE) / 1000; at++) {
    const body = { ...BY_METRIC, max_results: 1000, page_token: token };
    token = (await runsSearch(caller, experiment, body)).next_page_token ?? "";
  }
  return token;
}

async function measure(target: Target, experiment: string, calls: number, isPeer: boolean) {
  const caller = new Caller(target, 1);
  const figures = new Map<string, number[]>();
  for (const [name, make] of Object.entries(SEARCHES)) {
    figures.set(name, await timed(calls, (n) => runsSearch(caller, experiment, make(n))));
  }
  figures.set(
    "page of 1,000",
    await timed(calls, (n) =>
      runsSearch(
        caller,
        experiment,
        search(`metrics.m02 > ${0.9 + n / 1e5}`, ["metrics.m03 DESC"], 1000),
      ),
    ),
  );
  figures.set(
    "first page by a metric",
    await timed(calls, () => runsSearch(caller, experiment, BY_METRIC)),
  );
  const page_token = await deepToken(caller, experiment, DEEP, isPeer);
  figures.set(
    `page ${DEEP} by a metric`,
    await timed(calls, () => runsSearch(caller, experiment, { ...BY_METRIC, page_token })),
  );
  await caller.close();
  return figures;
}

/** Calls of our own API that the stock server has no counterpart of. */
async function measureOwn(target: Target, calls: number): Promise<Map<string, number[]>> {
  const send = async (method: string, path: string, body?: object) => {
    const reply = await fetch(`${target.url}/api/v1${path}`, {
      method,
      headers: { ...target.headers, "content-type": "application/json" },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${path} ${reply.status}: ${text}`);
    return JSON.parse(text);
  };
  const keys = ["m00", "m01", "m02", "m03", "m04", "m05"].map((key) => ({
    key,
    aggregate: "best",
  }));
  const table = {
    experimentIds: ["4711"],
    limit: 50,
    columns: { metrics: keys, params: ["p0", "p1"], tags: [] },
  };
  const { items } = await send("POST", "/runs/search", { ...table, limit: 200 });
  const runIds = items.map((run: { id: string }) => run.id);
  const group = {
    experimentIds: ["4711"],
    groupBy: [{ kind: "param", key: "p0" }],
    metrics: keys.slice(0, 2),
  };
  return new Map([
    [
      "runs table, 50 rows of 8 columns",
      await timed(calls, () => send("POST", "/runs/search", table)),
    ],
    [
      "runs table by best metric",
      await timed(calls, () =>
        send("POST", "/runs/search", { ...table, orderBy: ["best(metrics.m00) DESC"] }),
      ),
    ],
    ["names of columns", await timed(calls, () => send("GET", "/experiments/4711/columns"))],
    ["comparison of 200 runs", await timed(calls, () => send("POST", "/runs/compare", { runIds }))],
    [
      "100,000 runs in groups",
      await timed(Math.min(calls, 10), () => send("POST", "/runs/group", group)),
    ],
  ]);
}

const servers = await startServers({ withPeer: !process.env.BENCH_NO_PEER });
try {
  const { ours, peer } = servers;
  await seedOurs(ours.ownerUrl, ours.workspaceId);
  if (peer) await seedPeer(peer.databaseUrl);
  console.log(
    `${cpus().length} × ${cpus()[0]?.model}, ${RUNS} runs, load ${loadavg()[0]?.toFixed(1)}\n`,
  );
  console.log(
    `| search | ${ours.label} p50 ms | p95 ms | ${peer?.label ?? "peer"} p50 ms | p95 ms | ratio of p50 |`,
  );
  console.log("|---|---:|---:|---:|---:|---:|");
  const theirs = peer && (await measure(peer, "4711", PEER_CALLS, true));
  const own = await measure(ours, "4711", CALLS, false);
  for (const [name, times] of [...own, ...(await measureOwn(ours, CALLS))]) {
    const other = theirs?.get(name);
    const ms = (list: number[] | undefined, share: number) =>
      list ? percentile(list, share).toFixed(1) : "";
    const ratio = other ? `${(percentile(other, 0.5) / percentile(times, 0.5)).toFixed(1)}×` : "";
    console.log(
      `| ${name} | ${ms(times, 0.5)} | ${ms(times, 0.95)} | ${ms(other, 0.5)} | ${ms(other, 0.95)} | ${ratio} |`,
    );
  }
} finally {
  await servers.stop();
}
process.exit(0);
