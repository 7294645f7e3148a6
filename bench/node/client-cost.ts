/**
 * What one prediction costs the process that calls the node: rows to tensors, one exchange over the
 * node client, tensors to predictions. Usage: npx tsx bench/node/client-cost.ts [seconds]
 */
import { createNodeClient } from "@/server/node/client";
import { compileSignature } from "@/server/protocols/open-inference/codec";
import { classifierSignature } from "@/tests/node/support/sample-models";
import { startServer, stopServer } from "./server-process";

const FEATURES = 30;
const SECONDS = Number(process.argv[2] ?? 4);
const server = await startServer("./node-process.ts");
const client = createNodeClient({ url: new URL(server.url).origin });
const { encode, decode } = compileSignature(classifierSignature(FEATURES));
const row = Object.fromEntries(
  Array.from({ length: FEATURES }, (_, at) => [`x${at}`, Math.sin(at) * 10]),
);

async function predict(): Promise<void> {
  const encoded = encode([row]);
  if ("issues" in encoded) throw new Error("the row was refused");
  const { tensors } = await client.infer("bench", encoded.tensors);
  decode(tensors);
}

/** Processor microseconds of one call of `work`, without any exchange. */
function cost(work: () => void): number {
  for (let at = 0; at < 20_000; at++) work();
  const before = process.cpuUsage();
  for (let at = 0; at < 100_000; at++) work();
  const used = process.cpuUsage(before);
  return (used.user + used.system) / 100_000;
}

console.log(`rows to tensors, 30 features: ${cost(() => void encode([row])).toFixed(2)} µs\n`);
console.log("| connections | predictions/s | p50 ms | CPU µs each |");
console.log("|---:|---:|---:|---:|");
for (const connections of [1, 32]) {
  for (const seconds of [1, SECONDS]) {
    const durations: number[] = [];
    const cpu = process.cpuUsage();
    const started = performance.now();
    const caller = async () => {
      while (performance.now() - started < seconds * 1000) {
        const sent = performance.now();
        await predict();
        durations.push(performance.now() - sent);
      }
    };
    await Promise.all(Array.from({ length: connections }, caller));
    const elapsed = (performance.now() - started) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    if (seconds !== SECONDS) continue;
    durations.sort((a, b) => a - b);
    const p50 = durations[durations.length >> 1] ?? 0;
    const each = (user + system) / durations.length;
    const cells = [connections, Math.round(durations.length / elapsed), p50.toFixed(2)];
    console.log(`| ${[...cells, each.toFixed(0)].join(" | ")} |`);
  }
}
await client.close();
await stopServer(server);
