import { expect, it } from "vitest";
import { versionLines } from "@/components/deployments/prepare-versions";
import type { MetricsDto } from "@/server/deployments/metrics/schemas";

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const series = (minutes: number[], p95Ms: number) =>
  minutes.map((minute) => ({ at: at(minute), p95Ms }));
const metrics = {
  series: series([0, 1, 2], 9),
  variants: [
    { name: "v1", requests: 30, series: series([0, 1, 2], 4) },
    { name: "v2", requests: 10, series: series([1, 2], 8) },
    { name: "v3", requests: 0, series: series([0, 1, 2], 0) },
  ],
} as unknown as MetricsDto;

it("draws each version that was asked over the same time, with a gap where it was not there yet", () => {
  const { x, lines } = versionLines(metrics, (one) => one.series.map((point) => point.p95Ms));
  expect(x).toHaveLength(3);
  expect(lines).toEqual([
    { label: "v1", values: [4, 4, 4] },
    { label: "v2", values: [null, 8, 8] },
  ]);
});
