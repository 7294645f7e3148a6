import { z } from "zod";
import { nextFire } from "./cron";
import { parseDuration } from "./duration";
import { compileExpression } from "./expression";
import { DEFAULT_CANCEL_TIMEOUT_MS, DEFAULT_RETRIES, LIMITS } from "./limits";
import type { ConcurrencySpec, FunctionSpec, RateSpec } from "./types";

/** A function asks for what the embedded executor does not do; the message names both. */
export class UnsupportedFunctionError extends Error {
  override name = "UnsupportedFunctionError";
}

const REFUSED: Record<string, string> = {
  debounce: "use singleton with mode cancel, or run a real Inngest server",
  batchEvents: "collect rows in a table and drain them on a cron, or run a real Inngest server",
};

const concurrencySchema = z.strictObject({
  limit: z.number().int().min(1),
  key: z.string().optional(),
  scope: z.enum(["fn", "env", "account"]).optional(),
});

const rateSchema = z.strictObject({
  limit: z.number().int().min(1),
  period: z.string(),
  key: z.string().optional(),
});

const configSchema = z.strictObject({
  id: z.string().min(1),
  name: z.string().optional(),
  triggers: z
    .array(
      z.union([
        z.strictObject({ event: z.string().min(1), expression: z.string().optional() }),
        z.strictObject({ cron: z.string(), jitter: z.string().optional() }),
      ]),
    )
    .max(LIMITS.triggersMax),
  steps: z.record(
    z.string(),
    z.looseObject({
      retries: z
        .object({ attempts: z.number().int().min(0).max(LIMITS.retriesMax).optional() })
        .optional(),
    }),
  ),
  idempotency: z.string().optional(),
  concurrency: z
    .union([
      z.number().int().min(1),
      concurrencySchema,
      z.array(concurrencySchema).max(LIMITS.concurrencyKeysMax),
    ])
    .optional(),
  cancel: z
    .array(
      z.strictObject({
        event: z.string().min(1),
        if: z.string().optional(),
        timeout: z.string().optional(),
      }),
    )
    .max(LIMITS.cancelOnMax)
    .optional(),
  priority: z.strictObject({ run: z.string().optional() }).optional(),
  timeouts: z
    .strictObject({ start: z.string().optional(), finish: z.string().optional() })
    .optional(),
  rateLimit: rateSchema.optional(),
  throttle: rateSchema.extend({ burst: z.number().int().min(1).optional() }).optional(),
  singleton: z
    .strictObject({ key: z.string().optional(), mode: z.enum(["skip", "cancel"]) })
    .optional(),
});

type Config = z.infer<typeof configSchema>;

/**
 * Reads one function configuration as the SDK registers it.
 * @throws UnsupportedFunctionError naming the function, the option and the reason.
 */
export function readFunctionConfig(appId: string, raw: unknown): FunctionSpec {
  const id = z.object({ id: z.string() }).safeParse(raw).data?.id ?? "without an id";
  const refuse = (option: string, why: string): never => {
    throw new UnsupportedFunctionError(
      `Function "${id}": ${option} is refused by the embedded executor: ${why}.`,
    );
  };
  for (const [option, advice] of Object.entries(REFUSED)) {
    if (z.looseObject({}).safeParse(raw).data?.[option] !== undefined) refuse(option, advice);
  }
  const parsed = configSchema.safeParse(raw);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refuse(issue?.path.join(".") || "its configuration", issue?.message ?? "it is invalid");
  }
  return new Reader(parsed.data, refuse).read(appId);
}

class Reader {
  constructor(
    private readonly config: Config,
    private readonly refuse: (option: string, why: string) => never,
  ) {}

  read(appId: string): FunctionSpec {
    const { config } = this;
    const attempts = Object.values(config.steps)[0]?.retries?.attempts;
    return {
      id: config.id,
      appId,
      name: config.name ?? config.id,
      maxAttempts: (attempts ?? DEFAULT_RETRIES) + 1,
      ...this.triggers(),
      cancel: this.cancel(),
      concurrency: this.concurrency(),
      priority: this.expression("priority.run", config.priority?.run),
      idempotency: this.expression("idempotency", config.idempotency),
      rateLimit: config.rateLimit && this.rate("rateLimit", config.rateLimit),
      throttle: config.throttle && {
        ...this.rate("throttle", config.throttle),
        burst: config.throttle.burst ?? 1,
      },
      singleton: config.singleton && {
        mode: config.singleton.mode,
        key: this.expression("singleton.key", config.singleton.key),
      },
      startTimeoutMs: this.duration("timeouts.start", config.timeouts?.start),
      finishTimeoutMs: this.duration("timeouts.finish", config.timeouts?.finish),
    };
  }

  private triggers(): Pick<FunctionSpec, "events" | "crons"> {
    const events: FunctionSpec["events"] = [];
    const crons: FunctionSpec["crons"] = [];
    for (const trigger of this.config.triggers) {
      if ("cron" in trigger) {
        this.checkCron(trigger.cron);
        const jitterMs = this.duration("trigger jitter", trigger.jitter) ?? 0;
        crons.push({ cron: trigger.cron, jitterMs });
      } else {
        if (trigger.event === "inngest/deferred.schedule") {
          this.refuse("defer", "it needs a real Inngest server");
        }
        const expression = this.expression("trigger if", trigger.expression);
        events.push({ event: trigger.event, expression });
      }
    }
    return { events, crons };
  }

  private checkCron(cron: string): void {
    try {
      nextFire(cron, new Date());
    } catch (error) {
      this.refuse(`cron "${cron}"`, error instanceof Error ? error.message : String(error));
    }
  }

  private cancel(): FunctionSpec["cancel"] {
    return (this.config.cancel ?? []).map((entry) => ({
      event: entry.event,
      if: this.expression("cancelOn.if", entry.if, ["event", "async"]),
      timeoutMs: this.duration("cancelOn.timeout", entry.timeout) ?? DEFAULT_CANCEL_TIMEOUT_MS,
    }));
  }

  private concurrency(): ConcurrencySpec[] {
    const { concurrency } = this.config;
    if (concurrency === undefined) return [];
    if (typeof concurrency === "number") return [{ limit: concurrency, scope: "fn" }];
    const list = Array.isArray(concurrency) ? concurrency : [concurrency];
    return list.map(({ limit, key, scope = "fn" }) => {
      if (scope !== "fn" && !key) this.refuse("concurrency", `scope "${scope}" needs a key`);
      return { limit, scope, key: this.expression("concurrency.key", key) };
    });
  }

  private rate(option: string, raw: z.infer<typeof rateSchema>): RateSpec {
    const periodMs = this.duration(`${option}.period`, raw.period) ?? 0;
    if (periodMs < 1000) this.refuse(`${option}.period`, "it is shorter than a second");
    return { limit: raw.limit, periodMs, key: this.expression(`${option}.key`, raw.key) };
  }

  private expression(option: string, text?: string, roots = ["event"]): string | undefined {
    if (text === undefined) return undefined;
    try {
      compileExpression(text, roots);
      return text;
    } catch (error) {
      return this.refuse(`${option} "${text}"`, error instanceof Error ? error.message : "invalid");
    }
  }

  private duration(option: string, text?: string): number | undefined {
    if (text === undefined) return undefined;
    const ms = parseDuration(text);
    if (ms === undefined) return this.refuse(`${option} "${text}"`, "it is no duration");
    return ms;
  }
}
