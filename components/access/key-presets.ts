import type { Option } from "@/components/ui/select";
import { PERMISSIONS, type Permission } from "@/server/access/constants";

export const PRESETS = ["full", "predict", "track", "train", "read", "custom"] as const;
export type Preset = (typeof PRESETS)[number];

const READS = PERMISSIONS.filter((one) => one.endsWith(":read") && one !== "audit:read");
const TRACKING: Permission[] = [
  "datasets:read",
  "experiments:read",
  "experiments:write",
  "models:read",
  "models:write",
];

/** null: all the role allows. `custom` begins empty. */
const SCOPES: Record<Preset, Permission[] | null> = {
  full: null,
  predict: ["predictions:create"],
  track: TRACKING,
  train: [...TRACKING, "datasets:write", "training:read", "training:write"],
  read: READS,
  custom: [],
};

export const PRESET_OPTIONS: Option<Preset>[] = [
  { value: "full", label: "Everything the role allows" },
  { value: "predict", label: "Predictions only", detail: "calls models" },
  { value: "track", label: "Tracking", detail: "MLflow client" },
  { value: "train", label: "Training", detail: "pipelines" },
  { value: "read", label: "Read only", detail: "dashboards" },
  { value: "custom", label: "Chosen one by one" },
];

export interface RoleLike {
  name: string;
  permissions: readonly string[];
}

/** The role to go with a preset: the present one where it suffices, else the first that does. */
export function roleFor(preset: Preset, present: string, roles: RoleLike[]): string {
  const wanted = SCOPES[preset] ?? [];
  const suffices = (role: RoleLike) => wanted.every((one) => role.permissions.includes(one));
  const now = roles.find((role) => role.name === present);
  if (now && suffices(now)) return present;
  return roles.find(suffices)?.name ?? present;
}

/** Scopes as the key will have them: what is wanted and the role holds, in the table's order. */
export function effectiveScopes(
  preset: Preset,
  custom: ReadonlySet<Permission>,
  role: RoleLike | undefined,
): Permission[] | null {
  const wanted = preset === "custom" ? [...custom] : SCOPES[preset];
  if (wanted === null) return null;
  return PERMISSIONS.filter((one) => wanted.includes(one) && role?.permissions.includes(one));
}

/** A key's scopes in a few words, for a table: the preset they are, or how many. */
export function scopesText(scopes: readonly string[] | null): string {
  if (scopes === null) return "all of the role";
  const same = PRESET_OPTIONS.find(({ value }) => {
    const preset = SCOPES[value];
    return preset?.length === scopes.length && preset.every((one) => scopes.includes(one));
  });
  if (same && same.value !== "custom") return same.label.toLowerCase();
  return scopes.length === 1 ? (scopes[0] ?? "") : `${scopes.length} scopes`;
}
