import { z } from "zod";

/** Bytes of a mebibyte, which memory is said in. */
const MEBIBYTE = 1024 ** 2;

const cpu = z.int().min(10).max(256_000).nullable().default(null);
const memory = z
  .int()
  .min(64)
  .max(4 * 1024 * 1024)
  .nullable()
  .default(null);

/** What one replica asks for and may use at most, where replicas are pods; null takes the default. */
export const resourceSettings = z
  .strictObject({
    /** Thousandths of a processor. */
    cpuMillis: cpu,
    /** None while null: an idle processor helps nobody. */
    cpuLimitMillis: cpu,
    memoryMib: memory,
    /** What is asked for while null. */
    memoryLimitMib: memory,
    /** One while null where the nodes asked for announce `device=cuda`. */
    gpus: z.int().min(0).max(16).nullable().default(null),
  })
  .refine(({ cpuMillis, cpuLimitMillis }) => isWithin(cpuMillis, cpuLimitMillis), {
    path: ["cpuLimitMillis"],
    message: "must be at least cpuMillis",
  })
  .refine(({ memoryMib, memoryLimitMib }) => isWithin(memoryMib, memoryLimitMib), {
    path: ["memoryLimitMib"],
    message: "must be at least memoryMib",
  });

/** Where nothing is asked for, a limit may be any. */
const isWithin = (asked: number | null, limit: number | null): boolean =>
  asked === null || limit === null || asked <= limit;

/** The same in the units that backends take. */
export function resourcesOf(
  settings: z.output<typeof resourceSettings>,
  nodeSelector: Readonly<Record<string, string>>,
) {
  const bytes = (mib: number | null) => (mib === null ? null : mib * MEBIBYTE);
  return {
    cpuMillis: settings.cpuMillis,
    cpuLimitMillis: settings.cpuLimitMillis,
    memoryBytes: bytes(settings.memoryMib),
    memoryLimitBytes: bytes(settings.memoryLimitMib),
    gpus: settings.gpus ?? (nodeSelector.device === "cuda" ? 1 : 0),
  };
}
