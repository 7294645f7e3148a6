import { expect, test } from "vitest";
import { QueueEstimate } from "./queue-estimate";

/** A server that takes `serviceMs` for each request, `parallel` at a time, kept `crowd` deep. */
function simulate(serviceMs: number, parallel: number, crowd: number, answers: number) {
  const estimate = new QueueEstimate();
  const starts: number[] = [];
  let nowMs = 0;
  for (let at = 0; at < crowd; at++) {
    estimate.arrived(0);
    starts.push(0);
  }
  let peak = estimate.waitMs();
  for (let at = 0; at < answers; at++) {
    if (at % parallel === 0) nowMs += serviceMs;
    estimate.departed(nowMs, nowMs - (starts.shift() ?? 0));
    estimate.arrived(nowMs);
    starts.push(nowMs);
    peak = Math.max(peak, estimate.waitMs());
  }
  return { estimate, peak };
}

test("one server with a queue: the wait is what those before need", () => {
  const { estimate } = simulate(5, 1, 100, 1_000);
  expect(estimate.waitMs()).toBeGreaterThan(470);
  expect(estimate.waitMs()).toBeLessThanOrEqual(500);
});

test("as many servers as requests: nobody waits, however slow they are", () => {
  expect(simulate(10_000, 16, 16, 320).peak).toBeLessThan(1);
  expect(simulate(50, 256, 256, 5_120).peak).toBeLessThan(1);
  expect(simulate(10_000, 4, 4, 320).peak).toBe(0);
});

test("a model that answers quickly has no wait in front of it", () => {
  expect(simulate(0.1, 1, 32, 1_000).peak).toBeLessThan(5);
});

test("a few slow requests of a quiet deployment never look like a queue", () => {
  const estimate = new QueueEstimate();
  let nowMs = 0;
  for (let at = 0; at < 50; at++) {
    estimate.arrived(nowMs);
    nowMs += 20_000;
    estimate.departed(nowMs, 20_000);
    nowMs += 60_000;
  }
  for (let at = 0; at < 7; at++) estimate.arrived(nowMs);
  expect(estimate.waitMs()).toBe(0);
});

test("the estimate follows a model that becomes faster", () => {
  const { estimate } = simulate(50, 1, 32, 500);
  expect(estimate.waitMs()).toBeGreaterThan(1_400);
  let nowMs = 25_000;
  for (let at = 0; at < 20_000; at++) {
    nowMs += 1;
    estimate.departed(nowMs, 32);
    estimate.arrived(nowMs);
  }
  expect(estimate.waitMs()).toBeLessThan(40);
});
