import type { GroupRole } from "./sign-in-provider";

/** Groups of a claim: a list of texts, or one text. Anything nested counts for nothing. */
export function groupsOf(claim: unknown): string[] {
  const list = Array.isArray(claim) ? claim : [claim];
  return list.filter((one): one is string => typeof one === "string" && one.length > 0);
}

/** The role of the first mapping whose group the person is in; null for nobody's. */
export function roleOfGroups(claim: unknown, mapping: readonly GroupRole[]): string | null {
  const groups = new Set(groupsOf(claim));
  return mapping.find(({ group }) => groups.has(group))?.role ?? null;
}
