import type { z } from "zod";
import { type Issue, invalid } from "@/server/kernel/errors";
import type { VariantRow } from "../internal";
import { type BatchingSettings, batchingSettings } from "./batching";
import type { SettingsDto } from "./schemas";
import { deploymentSettings } from "./settings";

/** Stored settings with their defaults; what cannot be read any more is the defaults. */
export function toSettingsDto(stored: unknown, variants: readonly VariantRow[]): SettingsDto {
  return {
    settings: deploymentSettings.safeParse(stored).data ?? deploymentSettings.parse({}),
    variants: variants
      .filter((one) => one.status === "active")
      .map(({ id, name, versionNumber, batching }) => ({
        id,
        name,
        versionNumber,
        batching: ownBatching(batching),
      })),
  };
}

const ownBatching = (stored: unknown): BatchingSettings | null =>
  batchingSettings.safeParse(stored).data ?? null;

/** Throws validation_failed with the paths as the caller wrote them. */
export function checkPatched(schema: z.ZodType, value: unknown, prefix: string): void {
  const result = schema.safeParse(value);
  if (result.success) return;
  const issues: Issue[] = result.error.issues.map(({ path, message }) => ({
    path: [prefix, ...path].filter(Boolean).join("."),
    message,
  }));
  throw invalid(`${issues[0]?.path}: ${issues[0]?.message}`, issues);
}
