import { z } from "zod";

const milliseconds = z.int().min(1).max(600_000);

/** From request to node: who answers, how long it may take, what is tried again. */
export const routingSettings = z.strictObject({
  /** `weight`: each request by itself. `unit`: the same unit id always meets the same variant. */
  assignment: z.enum(["weight", "unit"]).default("weight"),
  /** Request header that holds the unit id; without it the request is split by weight. */
  unitHeader: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, "must be a header name")
    .default("x-unit-id"),
  /** Requests whose header has this value go to the named variant, first match wins. */
  overrides: z
    .array(
      z.strictObject({
        header: z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, "must be a header name"),
        value: z.string().max(200),
        variant: z.string().max(128),
      }),
    )
    .max(20)
    .default([]),
  /** Which replica of a variant answers. */
  balance: z
    .enum(["round_robin", "least_connections", "power_of_two"])
    .default("least_connections"),
  timeoutMs: milliseconds.default(30_000),
  /** Further attempts of one request on another replica; only failures no model answered. */
  retries: z.int().min(0).max(5).default(1),
  /** Retries are at most this share of the requests of the last ten seconds, percent. */
  retryBudgetPercent: z.int().min(0).max(100).default(20),
  cache: z
    .strictObject({
      isEnabled: z.boolean().default(false),
      ttlSeconds: z.int().min(1).max(86_400).default(60),
      maxBytes: z
        .int()
        .min(1_024)
        .max(1024 * 1024 * 1024)
        .default(16 * 1024 * 1024),
    })
    .prefault({}),
  /** Equal requests in flight at the same time share one call. */
  coalesce: z.boolean().default(false),
  /** Requests at work in one process before new ones are answered 503; 0 is no limit. */
  maxInFlight: z.int().min(0).max(100_000).default(2_000),
  /** New requests are answered 503 when they would wait about this long for their turn; 0 never. */
  maxQueueMs: z.int().min(0).max(600_000).default(5_000),
});
export type RoutingSettings = z.output<typeof routingSettings>;
