/**
 * The tracking store beside a stock MLflow server on the same PostgreSQL, same requests, same run.
 * Usage: npx tsx bench/tracking/run.ts [seconds] [scenario…]
 */
import { cpus } from "node:os";
import { type Logged, logAtFullSpeed, logTogether } from "./ingest";
import type { Target } from "./load";
import { startServers } from "./servers";

const SECONDS = Number(process.argv[2] ?? 10);
const WANTED = process.argv.slice(3);

interface Scenario {
  unit: string;
  /** A greater figure is the better one. */
  figure: (measured: Logged) => number;
  measure: (target: Target) => Promise<Logged & { lost?: number }>;
}

const SCENARIOS: Record<string, Scenario> = {
  "log-batch-10": {
    unit: "requests/s",
    figure: (measured) => measured.requestsPerSecond,
    measure: (target) =>
      logAtFullSpeed(target, { callers: 16, seconds: SECONDS, keys: 10, steps: 1 }),
  },
  "log-batch-1000": {
    unit: "metrics/s",
    figure: (measured) => measured.metricsPerSecond,
    measure: (target) =>
      logAtFullSpeed(target, { callers: 8, seconds: SECONDS, keys: 10, steps: 100 }),
  },
  "runs-together": {
    unit: "requests/s of 1,000",
    figure: (measured) => measured.requestsPerSecond,
    measure: (target) => logTogether(target, { runs: 1000, seconds: Math.max(SECONDS, 10) }),
  },
};

const servers = await startServers({ withPeer: !process.env.BENCH_NO_PEER });
const { ours: own, peer: stock } = servers;
try {
  console.log(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, ${SECONDS} s\n`);
  console.log("| scenario | server | figure | p50 ms | p95 ms | p99 ms | failed | lost | ratio |");
  console.log("|---|---|---:|---:|---:|---:|---:|---:|---:|");
  for (const [name, { unit, figure, measure }] of Object.entries(SCENARIOS)) {
    if (WANTED.length > 0 && !WANTED.includes(name)) continue;
    const peer = stock && (await measure(stock));
    const ours = await measure(own);
    const ratio = peer ? `${(figure(ours) / figure(peer)).toFixed(1)}×` : "";
    for (const [label, one, times] of [
      [stock?.label, peer, ""],
      [own.label, ours, ratio],
    ] as const) {
      if (!one) continue;
      const ms = [one.p50Ms, one.p95Ms, one.p99Ms].map((value) => value.toFixed(1)).join(" | ");
      const rate = `${Math.round(figure(one))} ${unit}`;
      console.log(
        `| ${name} | ${label} | ${rate} | ${ms} | ${one.failed} | ${one.lost ?? ""} | ${times} |`,
      );
    }
  }
} finally {
  await servers.stop();
}
process.exit(0);
