export interface GroupRole {
  group: string;
  role: string;
}

/** A mapping as people write it: `group = role`, one a line. */
export const groupRolesText = (mapping: GroupRole[]): string =>
  mapping.map(({ group, role }) => `${group} = ${role}`).join("\n");

/** Reads it back; the last `=` of a line parts, for a group's name may hold one. Empty lines count for nothing. */
export function parseGroupRoles(text: string): GroupRole[] {
  return text
    .split("\n")
    .filter((line) => line.trim())
    .map((line) => {
      const at = line.lastIndexOf("=");
      if (at < 0) return { group: line.trim(), role: "" };
      return { group: line.slice(0, at).trim(), role: line.slice(at + 1).trim() };
    });
}
