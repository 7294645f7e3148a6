import { Agent, request } from "undici";
import { byName } from "./requests";

/** Requests a second; each is sent when it is due, whatever became of the others. */
const RATE = 100;

/** Single-row requests at a steady rate; answers their p50, p99 (ms) and how many failed. */
export async function liveLoad(options: {
  url: string;
  key: string;
  deployment: string;
  seconds: number;
}): Promise<string> {
  const { path, headers, body } = byName(options.deployment);
  const dispatcher = new Agent({ connections: 64 });
  const times: number[] = [];
  let failed = 0;
  const send = async (values: Buffer) => {
    const startedMs = performance.now();
    const reply = await request(`${options.url}${path}`, {
      method: "POST",
      dispatcher,
      headers: { ...headers, authorization: `Bearer ${options.key}` },
      body: values,
    });
    await reply.body.dump();
    times.push(performance.now() - startedMs);
    if (reply.statusCode !== 200) failed++;
  };
  const sent: Promise<void>[] = [];
  const startMs = performance.now();
  for (let at = 0; at < options.seconds * RATE; at++) {
    const dueMs = startMs + (at * 1000) / RATE;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    sent.push(send(body));
  }
  await Promise.all(sent);
  await dispatcher.close();
  times.sort((a, b) => a - b);
  const quantile = (q: number) => (times[Math.floor(q * (times.length - 1))] ?? 0).toFixed(1);
  return `${quantile(0.5)} | ${quantile(0.99)} | ${failed}`;
}
