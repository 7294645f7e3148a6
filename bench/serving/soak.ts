/**
 * Full load for ten minutes; fails when memory grows or a request fails. Usage: npm run test:soak,
 * with SOAK_SECONDS for another length and SOAK_RATE for that many requests a second instead.
 */
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { measure } from "../node/measure";
import type { BenchProcess } from "../predict/processes";
import { paced } from "./paced-load";
import { byName, FEATURES } from "./requests";
import { startServingWorld } from "./world";

const SECONDS = Number(process.env.SOAK_SECONDS ?? 600);
const RATE = Number(process.env.SOAK_RATE ?? 0);
const SAMPLE_SECONDS = Math.max(1, SECONDS / 60);
/** What a garbage collector may leave lying about. */
const GROWTH_SHARE_MAX = 0.1;
const GROWTH_MB_MAX = 32;

async function residentMb({ child }: BenchProcess): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}

/** Memory goes up and down with the collector; where it grows, what it comes up to grows. */
const height = (values: number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(0.9 * values.length)] ?? 0;

const world = await startServingWorld(FEATURES);
const samples: Record<"web" | "node", number[]> = { web: [], node: [] };
let running = true;
try {
  const { path, headers, body } = byName(world.deployment);
  const asked = {
    url: `${world.web.url}${path}`,
    headers: { ...headers, authorization: `Bearer ${world.key}` },
    body,
    connections: 32,
    seconds: SECONDS,
  };
  const load = (RATE > 0 ? paced(asked, RATE) : measure(asked)).finally(() => {
    running = false;
  });
  while (running) {
    await Promise.race([sleep(SAMPLE_SECONDS * 1_000), load]);
    samples.web.push(await residentMb(world.web));
    samples.node.push(await residentMb(world.node));
  }
  const { requestsPerSecond, p99Ms, failed } = await load;
  console.log(`${Math.round(requestsPerSecond)} requests/s, p99 ${p99Ms.toFixed(2)} ms`);
  if (failed > 0) throw new Error(`${failed} requests failed`);
  for (const [name, values] of Object.entries(samples)) {
    const third = Math.floor(values.length / 3);
    const before = height(values.slice(third, 2 * third));
    const after = height(values.slice(2 * third));
    const all = values.map((value) => value.toFixed(0)).join(" ");
    console.log(`${name}: ${before.toFixed(0)} MB, then ${after.toFixed(0)} MB (${all})`);
    if (after - before > Math.max(GROWTH_MB_MAX, GROWTH_SHARE_MAX * before)) {
      throw new Error(`the memory of ${name} grows`);
    }
  }
} finally {
  await world.close();
}
