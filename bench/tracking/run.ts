/**
 * The tracking store beside a stock MLflow server on the same PostgreSQL, same requests, same run.
 * Usage: npx tsx bench/tracking/run.ts [seconds] [scenario…]; BENCH_NO_PEER=1 leaves the stock server out.
 */
import { cpus, loadavg } from "node:os";
import { cpuSeconds } from "../node/server-process";
import { sampleHere, sampleThere } from "./history";
import { logAtFullSpeed, logTogether } from "./ingest";
import type { Figures } from "./load";
import { type Servers, startServers } from "./servers";

const SECONDS = Number(process.argv[2] ?? 10);
const WANTED = process.argv.slice(3);

type Side = Servers["ours"] | NonNullable<Servers["peer"]>;
type Measured = Figures & { metricsPerSecond?: number; lost?: number };

interface Scenario {
  unit: string;
  /** A greater figure is the better one. */
  figure: (measured: Measured) => number;
  measure: (side: Side) => Promise<Measured>;
}

const requests = (measured: Measured) => measured.requestsPerSecond;
const HISTORY = { points: 1_000_000, turns: 50 };

const SCENARIOS: Record<string, Scenario> = {
  "log-batch-10": {
    unit: "requests/s",
    figure: requests,
    measure: (side) => logAtFullSpeed(side, { callers: 8, seconds: SECONDS, keys: 10, steps: 1 }),
  },
  "log-batch-10-of-32": {
    unit: "requests/s",
    figure: requests,
    measure: (side) => logAtFullSpeed(side, { callers: 32, seconds: SECONDS, keys: 10, steps: 1 }),
  },
  "log-batch-1000": {
    unit: "metrics/s",
    figure: (measured) => measured.metricsPerSecond ?? 0,
    measure: (side) => logAtFullSpeed(side, { callers: 8, seconds: SECONDS, keys: 10, steps: 100 }),
  },
  "runs-together": {
    unit: "requests/s",
    figure: requests,
    measure: (side) => logTogether(side, { runs: 1000, seconds: SECONDS, everyMs: 2000 }),
  },
  history: {
    unit: "series/s",
    figure: requests,
    measure: (side) =>
      "workspaceId" in side ? sampleHere(side, HISTORY) : sampleThere(side, HISTORY),
  },
};

const servers = await startServers({ withPeer: !process.env.BENCH_NO_PEER });
try {
  console.log(
    `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, ${SECONDS} s each\n`,
  );
  console.log(
    "| scenario | server | figure | p50 ms | p95 ms | p99 ms | failed | lost | web CPU µs | load | ratio |",
  );
  console.log("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
  for (const [name, scenario] of Object.entries(SCENARIOS)) {
    if (WANTED.length === 0 || WANTED.includes(name)) await compare(name, scenario);
  }
} finally {
  await servers.stop();
}
process.exit(0);

async function compare(name: string, { unit, figure, measure }: Scenario): Promise<void> {
  const peer = servers.peer && (await measure(servers.peer));
  if (servers.peer && peer) print(servers.peer.label, peer);
  const before = await cpuSeconds(servers.ours.web);
  const ours = await measure(servers.ours);
  const used = (await cpuSeconds(servers.ours.web)) - before;
  const ratio = peer ? `${(figure(ours) / figure(peer)).toFixed(1)}×` : "";
  print(servers.ours.label, ours, String(Math.round((used * 1e6) / ours.sent)), ratio);

  function print(label: string, one: Measured, cpuMicros = "", times = ""): void {
    const ms = [one.p50Ms, one.p95Ms, one.p99Ms].map((value) => value.toFixed(1)).join(" | ");
    const rate = `${Math.round(figure(one))} ${unit}`;
    const load = loadavg()[0]?.toFixed(1);
    console.log(
      `| ${name} | ${label} | ${rate} | ${ms} | ${one.failed} | ${one.lost ?? ""} | ${cpuMicros} | ${load} | ${times} |`,
    );
  }
}
