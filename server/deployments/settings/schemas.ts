import { z } from "zod";
import { deploymentParams } from "../schemas";
import { batchingSettings } from "./batching";
import { deploymentSettings } from "./settings";

const section = z
  .record(z.string().max(100), z.unknown())
  .nullable()
  .optional()
  .describe("Members to change; null sets a member, or the whole section, back to its default.");

/** A merge patch: what is absent stays, null goes back to the default. */
export const settingsPatch = z.strictObject({
  routing: section,
  batching: section,
  logging: section,
  placement: section,
  scaling: section,
  variants: z
    .record(z.string().min(1).max(128), z.strictObject({ batching: section }))
    .optional()
    .describe("By id or name of an active variant: batching of its own; null takes it away."),
});

export const updateSettingsInput = settingsPatch.extend(deploymentParams.shape);

export const settingsDto = z.object({
  settings: deploymentSettings.describe("Whole, with the defaults of what was never set."),
  /** The variants that take traffic or copies of it; batching is null where the deployment's holds. */
  variants: z.array(
    z.object({
      id: z.uuid(),
      name: z.string(),
      versionNumber: z.int(),
      batching: batchingSettings.nullable(),
    }),
  ),
});
export type SettingsDto = z.output<typeof settingsDto>;
