import { expect, test } from "vitest";
import { LoadMeter } from "./load-meter";

test("concurrency is averaged by time, not by requests", () => {
  const meter = new LoadMeter(1_000);
  meter.enter(1_000);
  meter.enter(1_500);
  meter.leave(2_000);
  // One request for half a second, two for the next, one for the last whole one.
  expect(meter.take(3_000)).toEqual({ seconds: 2, concurrency: 1.25, requests: 2 });
});

test("requests that go on count in the next time too, and arrive once", () => {
  const meter = new LoadMeter(0);
  meter.enter(0);
  meter.take(1_000);
  expect(meter.isBusy).toBe(true);
  expect(meter.take(3_000)).toEqual({ seconds: 2, concurrency: 1, requests: 0 });
  meter.leave(3_500);
  expect(meter.take(4_000)).toEqual({ seconds: 1, concurrency: 0.5, requests: 0 });
  expect(meter.isBusy).toBe(false);
});
