import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import next from "next";
import { buildIfNeeded } from "@/scripts/build";
import { createKeyring } from "@/server/artifacts";
import { createLog } from "@/server/kernel/log";
import { setProcessRuntime } from "@/server/process-runtime";
import { setApiLane } from "@/server/protocols/next-mount";
import { createApiApp } from "@/server/protocols/rest/app";
import { createRuntime } from "@/server/runtime";
import { createWebServer, type Lanes, listen } from "@/server/web/create-web-server";

/**
 * Requests/s of an empty route on each lane of one process, and of bare Node beside them.
 * `npx tsx bench/lanes/run.ts`; needs wrk.
 */
const SECONDS = Number(process.env.BENCH_SECONDS ?? 8);
const CONNECTIONS = 32;

/** The load comes from another process; this one must stay free to answer. */
async function wrk(url: string): Promise<{ rps: number; p99: string }> {
  const { stdout: text } = await promisify(execFile)("wrk", [
    "-t1",
    `-c${CONNECTIONS}`,
    `-d${SECONDS}s`,
    "--latency",
    url,
  ]);
  if (/Non-2xx/.test(text)) throw new Error(`${url} does not answer 200`);
  const number = (pattern: RegExp) => pattern.exec(text)?.[1] ?? "?";
  return { rps: Number(number(/Requests\/sec:\s+([\d.]+)/)), p99: number(/99%\s+(\S+)/) };
}

await buildIfNeeded();
// An empty route asks no database, so none is there.
const runtime = createRuntime({
  databaseUrl: "postgres://127.0.0.1:1/none",
  artifactsFolder: join(tmpdir(), "modelyard-bench-lanes"),
  keyring: createKeyring("bench-secret-bench-secret-bench-secret"),
  log: createLog("bench", "silent"),
});
setProcessRuntime(runtime);
const pages = next({ dev: false });
await pages.prepare();
const api = createApiApp(runtime);
setApiLane((request) => api.fetch(request));

const LIVE = Buffer.from('{"live":true,"ready":true}');
const bare = createServer((_req, res) => {
  res.setHeader("content-type", "application/json");
  res.end(LIVE);
});
const lanes = createWebServer({
  prediction: (req, res) => {
    if (req.url !== "/v2/health/live") return false;
    res.setHeader("content-type", "application/json");
    res.end(LIVE);
    return true;
  },
  api: api.fetch as Lanes["api"],
  pages: pages.getRequestHandler(),
});
const nextOnly = createServer((req, res) => void pages.getRequestHandler()(req, res));

const [barePort, port, nextPort] = [
  await listen(bare, "127.0.0.1", 0),
  await listen(lanes, "127.0.0.1", 0),
  await listen(nextOnly, "127.0.0.1", 0),
];
const rows: [string, string][] = [
  ["bare node:http", `http://127.0.0.1:${barePort}/`],
  ["prediction lane", `http://127.0.0.1:${port}/v2/health/live`],
  ["API lane (Hono)", `http://127.0.0.1:${port}/health`],
  ["Next lane (route handler)", `http://127.0.0.1:${nextPort}/health`],
];
// Once unmeasured: the first requests compile.
for (const [, url] of rows) await wrk(url);
let base = 0;
process.stdout.write(`\n${CONNECTIONS} connections, ${SECONDS} s each\n`);
for (const [name, url] of rows) {
  const { rps, p99 } = await wrk(url);
  base ||= rps;
  process.stdout.write(
    `${name.padEnd(28)} ${Math.round(rps).toString().padStart(7)} req/s   p99 ${p99.padStart(8)}   ${((100 * rps) / base).toFixed(0)} % of bare\n`,
  );
}
process.exit(0);
