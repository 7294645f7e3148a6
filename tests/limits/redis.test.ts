import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GuessGuard, WRONG_TRIES_MAX } from "@/server/limits/guess-guard";
import { RateLimiter } from "@/server/limits/rate-limiter";
import { freePort } from "../support/postgres-server";

/** A real server: REDIS_SERVER, or the one on the path. */
const binary = process.env.REDIS_SERVER ?? "redis-server";
const hasRedis = spawnSync(binary, ["--version"]).status === 0;
const log = pino({ level: "silent" });
const caller = {
  workspaceId: "w1",
  actor: { type: "apiKey" as const, keyId: "k1", name: "k", role: "admin" as const, runId: null },
};

async function startRedis(port: number): Promise<() => Promise<void>> {
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  const child = spawn(binary, args, { stdio: ["ignore", "pipe", "inherit"] });
  for await (const chunk of child.stdout) if (String(chunk).includes("Ready to accept")) break;
  return async () => {
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  };
}

const limiter = (port: number, perSecond: number, instances = 1) =>
  new RateLimiter(
    {
      keyPerSecond: perSecond,
      workspacePerSecond: perSecond * 2,
      redisUrl: `redis://127.0.0.1:${port}`,
      instances,
    },
    log,
  );

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** Calls as fast as they are answered, for `ms` milliseconds; answers how many were admitted. */
async function flood(one: RateLimiter, ms: number): Promise<number> {
  const until = performance.now() + ms;
  let admitted = 0;
  while (performance.now() < until) {
    const verdicts = await Promise.all(Array.from({ length: 10 }, () => one.take(caller)));
    admitted += verdicts.filter((verdict) => verdict.isAllowed).length;
  }
  return admitted;
}

describe.skipIf(!hasRedis)("limits counted in Redis", () => {
  let port: number;
  let stop: () => Promise<void>;
  beforeAll(async () => {
    port = await freePort();
    stop = await startRedis(port);
  });
  afterAll(() => stop());

  it("admit the limit and at most 1 % more over four processes", async () => {
    const limiters = Array.from({ length: 4 }, () => limiter(port, 200, 4));
    await pause(300);
    const startedMs = performance.now();
    const admitted = await Promise.all(limiters.map((one) => flood(one, 3000)));
    const seconds = (performance.now() - startedMs) / 1000;
    const sum = admitted.reduce((total, count) => total + count, 0);
    process.stdout.write(`admitted ${sum} of 200 × (${seconds.toFixed(2)} s + 1 s)\n`);
    expect(sum).toBeLessThanOrEqual(200 * (seconds + 1) * 1.01);
    expect(sum).toBeGreaterThan(200 * 3 * 0.95);
    await Promise.all(limiters.map((one) => one.close()));
  });

  it("count wrong credentials of an address over all processes", async () => {
    const limiters = Array.from({ length: 2 }, () => limiter(port, 200, 2));
    const guards = limiters.map((one) => new GuessGuard(one.counter));
    await pause(300);
    const tries = WRONG_TRIES_MAX / 2 + 1;
    for (let at = 0; at < tries; at += 1) {
      for (const guard of guards) guard.wrong("1.1.1.1", "guess");
      await pause(20);
    }
    for (const guard of guards) {
      expect(() => guard.check("1.1.1.1", "guess")).toThrow("Too many wrong credentials");
      expect(() => guard.check("2.2.2.2", "guess")).not.toThrow();
    }
    await Promise.all(limiters.map((one) => one.close()));
  });

  it("fall back to each process's own part while Redis is away, and come back", async () => {
    const one = limiter(port, 200, 4);
    await pause(1500);
    expect(await one.take(caller)).toMatchObject({ isAllowed: true });
    await stop();
    await pause(200);
    const startedMs = performance.now();
    const admitted = await flood(one, 1000);
    const seconds = (performance.now() - startedMs) / 1000;
    expect(admitted).toBeLessThanOrEqual(50 * (seconds + 1) * 1.02);
    expect(admitted).toBeGreaterThan(50);
    stop = await startRedis(port);
    await pause(4500);
    const back = await Promise.all(Array.from({ length: 120 }, () => one.take(caller)));
    expect(back.filter((verdict) => verdict.isAllowed).length).toBe(120);
    await one.close();
  }, 180_000);
});

describe("a Redis that is not there", () => {
  it("delays no call and admits by the process's own part", async () => {
    const one = limiter(await freePort(), 40, 4);
    const startedMs = performance.now();
    const verdicts = await Promise.all(Array.from({ length: 100 }, () => one.take(caller)));
    const seconds = (performance.now() - startedMs) / 1000;
    expect(seconds).toBeLessThan(15);
    const admitted = verdicts.filter((verdict) => verdict.isAllowed).length;
    expect(admitted).toBeLessThanOrEqual(10 * (seconds + 1) + 1);
    await one.close();
  });

  it("that accepts and never answers delays no call either", async () => {
    const server = createServer(() => undefined);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const one = limiter(typeof address === "object" && address ? address.port : 0, 40, 4);
    await pause(200);
    const startedMs = performance.now();
    expect(await one.take(caller)).toMatchObject({ isAllowed: true });
    expect(performance.now() - startedMs).toBeLessThan(15_000);
    await one.close();
    server.close();
  });
});
