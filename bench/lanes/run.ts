import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import next from "next";
import { buildIfNeeded } from "@/scripts/build";
import { bootRole } from "@/server/boot";
import { setProcessRuntime } from "@/server/process-runtime";
import { setApiLane } from "@/server/protocols/next-mount";
import { createApiApp } from "@/server/protocols/rest/app";
import { createWebServer, type Lanes, listen } from "@/server/web/create-web-server";

/**
 * Requests/s of an empty route on each lane of one process, and of bare Node beside them.
 * `npx tsx bench/lanes/run.ts`; needs wrk, and a database for the runtime (DATABASE_URL).
 */
const SECONDS = Number(process.env.BENCH_SECONDS ?? 8);
const CONNECTIONS = 32;

function wrk(url: string): { rps: number; p99: string } {
  const text = execFileSync("wrk", ["-t1", `-c${CONNECTIONS}`, `-d${SECONDS}s`, "--latency", url], {
    encoding: "utf8",
  });
  const number = (pattern: RegExp) => pattern.exec(text)?.[1] ?? "?";
  return { rps: Number(number(/Requests\/sec:\s+([\d.]+)/)), p99: number(/99%\s+(\S+)/) };
}

await buildIfNeeded();
const runtime = await bootRole("bench");
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
for (const [, url] of rows) wrk(url.replace(/$/, ""));
let base = 0;
process.stdout.write(`\n${CONNECTIONS} connections, ${SECONDS} s each\n`);
for (const [name, url] of rows) {
  const { rps, p99 } = wrk(url);
  base ||= rps;
  process.stdout.write(
    `${name.padEnd(28)} ${Math.round(rps).toString().padStart(7)} req/s   p99 ${p99.padStart(8)}   ${((100 * rps) / base).toFixed(0)} % of bare\n`,
  );
}
process.exit(0);
