import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextFire } from "@/inngest/embedded/cron";
import { delayUntil, parseDuration } from "@/inngest/embedded/duration";
import { createId, idFromSeed } from "@/inngest/embedded/ids";

describe("cron", () => {
  const next = (cron: string, after: string) => nextFire(cron, new Date(after)).toISOString();

  it.each([
    ["*/15 * * * *", "2026-03-01T10:07:00Z", "2026-03-01T10:15:00.000Z"],
    ["0 9 * * MON-FRI", "2026-03-06T09:00:00Z", "2026-03-09T09:00:00.000Z"],
    ["@hourly", "2026-03-01T10:00:00Z", "2026-03-01T11:00:00.000Z"],
    ["@every 90m", "2026-03-01T10:00:00Z", "2026-03-01T11:30:00.000Z"],
    ["0 0 1,15 * *", "2026-02-15T00:00:00Z", "2026-03-01T00:00:00.000Z"],
  ])("fires %s after %s at %s", (cron, after, at) => expect(next(cron, after)).toBe(at));

  it("follows a time zone through summer time", () => {
    expect(next("TZ=Europe/Paris 0 9 * * *", "2026-01-10T12:00:00Z")).toBe(
      "2026-01-11T08:00:00.000Z",
    );
    expect(next("TZ=Europe/Paris 0 9 * * *", "2026-07-10T12:00:00Z")).toBe(
      "2026-07-11T07:00:00.000Z",
    );
  });

  it.each([
    ["* * * *", /fields/],
    ["0 * * * * *", /fields/],
    ["61 * * * *", /./],
    ["0 0 L * *", /"L"/],
    ["0 0 * * 1#2", /"#"/],
    ["TZ=Nowhere/Town 0 9 * * *", /time zone/],
    ["@fortnightly", /descriptor/],
    ["@every 1ms", /duration/],
    ["0 0 31 2 *", /./],
  ])("refuses %s", (cron, message) =>
    expect(() => nextFire(cron, new Date("2026-01-01T00:00:00Z"))).toThrow(message),
  );
});

describe("durations", () => {
  it("reads the SDK's time strings", () => {
    expect(parseDuration("2h30m10s")).toBe(9_010_000);
    expect(parseDuration("1w2d")).toBe(777_600_000);
    expect(parseDuration("")).toBe(0);
    expect(["x", "1", "-1s", "1s ", "1y", "Infinity"].map(parseDuration)).toEqual(
      Array(6).fill(undefined),
    );
  });

  it("reads back any whole number of seconds", () => {
    fc.assert(
      fc.property(fc.nat(400 * 86_400), (seconds) => {
        const text = `${Math.floor(seconds / 3600)}h${Math.floor(seconds / 60) % 60}m${seconds % 60}s`;
        expect(parseDuration(text)).toBe(seconds * 1000);
      }),
    );
  });

  it("takes a date as the time until then, never below zero", () => {
    const now = Date.parse("2026-01-01T00:00:00Z");
    expect(delayUntil("2026-01-01T00:00:05.000Z", now)).toBe(5000);
    expect(delayUntil("2025-01-01T00:00:00Z", now)).toBe(0);
    expect(delayUntil("tomorrow", now)).toBeUndefined();
  });
});

describe("ids", () => {
  it("sorts by time and repeats for a seed", () => {
    expect(createId(1) < createId(2)).toBe(true);
    expect(createId(5)).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(idFromSeed(1, "s", 0)).toBe(idFromSeed(1, "s", 0));
    expect(idFromSeed(1, "s", 0)).not.toBe(idFromSeed(1, "s", 1));
  });
});
