/** Who does something. Keys, jobs and people leave the same trail. */
export type Actor =
  | { type: "user"; userId: string; name: string; role: string; allows?: Allows }
  | {
      type: "apiKey";
      keyId: string;
      name: string;
      role: string;
      runId: string | null;
      /** The person the key acts for and never outgrows; absent for keys of the system. */
      createdBy?: string | null;
      /** Set when a short-lived token stands for the key, or for a program of another issuer. */
      via?: "token";
      allows?: Allows;
    }
  | { type: "job"; name: string }
  | { type: "system" };

/**
 * What the actor may do where that differs from a built-in role: a custom role, a key's scopes. A
 * function, so that the trail of what actors did does not carry it.
 */
export type Allows = (permission: string) => boolean;

export const ROLES = ["viewer", "data_scientist", "ml_engineer", "operator", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** The name shown beside what the actor did. */
export function actorName(actor: Actor): string {
  if (actor.type === "system") return "Modelyard";
  return actor.name;
}
