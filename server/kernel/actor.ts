/** Who does something. Keys, jobs and people leave the same trail. */
export type Actor =
  | { type: "user"; userId: string; name: string; role: Role }
  | { type: "apiKey"; keyId: string; name: string; role: Role; runId: string | null }
  | { type: "job"; name: string }
  | { type: "system" };

export const ROLES = ["viewer", "data_scientist", "ml_engineer", "operator", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** The name shown beside what the actor did. */
export function actorName(actor: Actor): string {
  if (actor.type === "system") return "Modelyard";
  return actor.name;
}
