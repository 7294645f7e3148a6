import { type GRANT_ACTIONS, GRANT_ENVIRONMENTS } from "@/server/access/constants";

export interface Grant {
  id: string;
  modelId: string | null;
  environment: string | null;
  action: string;
  granteeType: string;
  grantee: string;
}

export interface GrantGroup {
  key: string;
  modelId: string | null;
  environment: string | null;
  action: string;
  grants: Grant[];
}

type Action = (typeof GRANT_ACTIONS)[number];

/** What each action is called after "may". */
export const ACTION_WORDS: Record<Action, string> = {
  write: "change",
  deploy: "deploy",
  review: "approve",
};

/** Grants by subject and action: every environment, open or not, then the models that have any. */
export function groupGrants(grants: Grant[]): GrantGroup[] {
  const groups = new Map<string, GrantGroup>();
  const groupOf = (environment: string | null, modelId: string | null, action: string) => {
    const key = `${environment ?? modelId}/${action}`;
    const group = groups.get(key) ?? { key, modelId, environment, action, grants: [] };
    groups.set(key, group);
    return group;
  };
  for (const environment of GRANT_ENVIRONMENTS) groupOf(environment, null, "deploy");
  for (const grant of grants) {
    groupOf(grant.environment, grant.modelId, grant.action).grants.push(grant);
  }
  return [...groups.values()];
}
