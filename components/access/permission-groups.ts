import { PERMISSIONS, type Permission } from "@/server/access/constants";

/** What each permission lets somebody do, in words. */
const WORDS = {
  "workspace:read": "See the workspace",
  "workspace:write": "Rename, set quotas, manage sign-in",
  "members:read": "See members and roles",
  "members:write": "Invite, change roles, grant",
  "api_keys:read": "See API keys",
  "api_keys:write": "Create, rotate, revoke API keys",
  "audit:read": "Read the audit trail",
  "privacy:export": "Export what is stored about a person",
  "privacy:erase": "Erase a person",
  "datasets:read": "Read datasets",
  "datasets:write": "Upload and delete datasets",
  "experiments:read": "Read runs and metrics",
  "experiments:write": "Log runs and metrics",
  "models:read": "Read models and artifacts",
  "models:write": "Register and change models",
  "stages:write": "Configure stages and gates",
  "approvals:write": "Approve and reject stage requests",
  "training:read": "See trainings and logs",
  "training:write": "Start and cancel trainings",
  "deployments:read": "See deployments",
  "deployments:write": "Deploy and roll back",
  "nodes:read": "See inference nodes",
  "nodes:write": "Drain and remove inference nodes",
  "predictions:create": "Ask for predictions",
  "predictions:read": "Read the prediction log",
} satisfies Record<Permission, string>;

const AREAS: { label: string; words: string[] }[] = [
  { label: "Serving", words: ["predictions", "deployments", "nodes"] },
  { label: "Tracking", words: ["experiments"] },
  { label: "Data and training", words: ["datasets", "training"] },
  { label: "Models", words: ["models", "stages", "approvals"] },
];
const REST = "Administration";

export interface PermissionGroup {
  label: string;
  permissions: Permission[];
}

export const permissionWords = (permission: Permission): string => WORDS[permission];

/** Every permission once, by area, in the order of the table; the rest is administration. */
export const PERMISSION_GROUPS: PermissionGroup[] = [...AREAS.map((area) => area.label), REST].map(
  (label) => ({
    label,
    permissions: PERMISSIONS.filter((permission) => {
      const [word = ""] = permission.split(":");
      return (AREAS.find((area) => area.words.includes(word))?.label ?? REST) === label;
    }),
  }),
);
