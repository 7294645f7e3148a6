import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Pool } from "undici";

const run = promisify(execFile);

export type Load = {
  url: string;
  headers: Record<string, string>;
  body: Buffer;
  connections: number;
  seconds: number;
};

export type Measured = { requestsPerSecond: number; p50Ms: number; p99Ms: number; failed: number };

/** Sends the same request over kept-alive connections: wrk where it is installed, else undici. */
export async function measure(load: Load): Promise<Measured> {
  const hasWrk = await run("wrk", ["--version"]).then(
    () => true,
    (error: { code?: unknown }) => error.code !== "ENOENT",
  );
  return hasWrk ? measureWithWrk(load) : measureWithUndici(load);
}

async function measureWithWrk(load: Load): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), "bench-node-"));
  try {
    const body = join(folder, "body");
    await writeFile(body, load.body);
    const headers = Object.entries(load.headers).map(
      ([name, value]) => `wrk.headers["${name}"] = "${value}"`,
    );
    const script = [
      'wrk.method = "POST"',
      `wrk.body = io.open("${body}", "rb"):read("*a")`,
      ...headers,
      "done = function(summary, latency)",
      '  io.write(string.format("RESULT %d %d %f %f %d\\n", summary.requests, summary.duration,',
      "    latency:percentile(50) / 1000, latency:percentile(99) / 1000,",
      "    summary.errors.status + summary.errors.read + summary.errors.write))",
      "end",
    ].join("\n");
    const file = join(folder, "request.lua");
    await writeFile(file, script);
    const { stdout } = await run("wrk", [
      "-t1",
      `-c${load.connections}`,
      `-d${load.seconds}s`,
      "-s",
      file,
      load.url,
    ]);
    const [, requests, micros, p50, p99, failed] = (
      /RESULT (\d+) (\d+) ([\d.]+) ([\d.]+) (\d+)/.exec(stdout) ?? []
    ).map(Number);
    if (!requests || !micros) throw new Error(`wrk gave no result: ${stdout}`);
    return {
      requestsPerSecond: requests / (micros / 1e6),
      p50Ms: p50 ?? 0,
      p99Ms: p99 ?? 0,
      failed: failed ?? 0,
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function measureWithUndici(load: Load): Promise<Measured> {
  const { origin, pathname } = new URL(load.url);
  const pool = new Pool(origin, { connections: load.connections, pipelining: 1 });
  const durations: number[] = [];
  let failed = 0;
  const end = performance.now() + load.seconds * 1000;
  const started = performance.now();
  const worker = async () => {
    while (performance.now() < end) {
      const sent = performance.now();
      const { headers, body } = load;
      const reply = await pool.request({ method: "POST", path: pathname, headers, body });
      await reply.body.arrayBuffer();
      if (reply.statusCode !== 200) failed++;
      durations.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: load.connections }, worker));
  const seconds = (performance.now() - started) / 1000;
  await pool.close();
  durations.sort((a, b) => a - b);
  const at = (share: number) => durations[Math.floor(durations.length * share)] ?? 0;
  return {
    requestsPerSecond: durations.length / seconds,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    failed,
  };
}
