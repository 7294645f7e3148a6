import { z } from "zod";
import { type ExactInt, exactInt } from "@/server/kernel/exact-int";
import { pageOf } from "@/server/kernel/paging";
import { isKnownKey, keyProblem } from "./entry-names";

export const entryKey = z.string().superRefine((key, issues) => {
  const problem = keyProblem(key);
  if (problem) issues.addIssue({ code: "custom", message: problem });
});

/** An int64: a number that is exact, or a bigint. */
const int64 = z.custom<ExactInt>(
  (value) =>
    Number.isSafeInteger(value) || (typeof value === "bigint" && exactInt(value) !== undefined),
  "must be a whole number of 64 bits",
);

export const metricEntry = z.object({
  key: entryKey,
  /** Any double: NaN and infinities too. */
  value: z.custom<number>((value) => typeof value === "number", "must be a double"),
  /** Milliseconds since the epoch. */
  timestamp: int64.refine((time) => time >= 0, "may not be negative"),
  step: int64.default(0),
});
type Metric = { key: string; value: number; timestamp: ExactInt; step?: ExactInt | undefined };

/** Whose every field is missing, as the schema then says. */
const NOTHING = {} as Metric;

/** Metrics of a batch: the plain ones in one pass, only the others by the schema, which names the fault. */
export const metricEntries = z
  .custom<Metric[]>(Array.isArray, "must be a list")
  .transform((metrics, { issues }) =>
    metrics.map((metric, at): Required<Metric> & { step: ExactInt } => {
      const { key, value, timestamp, step = 0 } = metric ?? NOTHING;
      if (
        isKnownKey(key) &&
        typeof value === "number" &&
        Number.isSafeInteger(timestamp) &&
        timestamp >= 0 &&
        Number.isSafeInteger(step)
      ) {
        return { key, value, timestamp, step };
      }
      const parsed = metricEntry.safeParse(metric);
      if (parsed.success) return parsed.data;
      for (const issue of parsed.error.issues) {
        issues.push({
          ...issue,
          path: [at, ...issue.path],
          input: metric,
        } as (typeof issues)[number]);
      }
      return { key, value, timestamp, step };
    }),
  );

/** Present where a double is not exact; most programs that read JSON round such numbers. */
const exactFields = {
  exactStep: z.string().optional().describe("The step in digits, beyond 2^53."),
  exactTimestamp: z.string().optional().describe("The timestamp in digits, beyond 2^53."),
};

export const metricDto = z.object({
  key: z.string(),
  value: z.number().nullable().describe("null: not a number."),
  step: z.number(),
  timestamp: z.number().describe("Milliseconds since the epoch."),
  ...exactFields,
});
export type MetricDto = z.infer<typeof metricDto>;
export const metricPointPage = pageOf(metricDto);
