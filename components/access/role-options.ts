import { humanize } from "@/components/ui/format";
import type { Option } from "@/components/ui/select";
import { ROLES, type Role } from "@/server/access/constants";

const MAY: Record<Role, string> = {
  viewer: "looks",
  data_scientist: "trains",
  ml_engineer: "trains, deploys",
  operator: "deploys",
  admin: "everything",
};

/** Roles as choices, each with what it may do in a word or two. */
export const ROLE_OPTIONS: Option<Role>[] = ROLES.map((role) => ({
  value: role,
  label: humanize(role),
  detail: MAY[role],
}));
