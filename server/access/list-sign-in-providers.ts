import type { Pool } from "pg";
import type { z } from "zod";
import type { signInProviderDto } from "./schemas";

/**
 * Providers a sign-in page offers, for anybody: of the workspace named by its slug, or of the only
 * one there is. An unknown workspace looks like one without providers.
 */
export async function listSignInProviders(
  pool: Pool,
  workspace: string | null,
): Promise<z.infer<typeof signInProviderDto>[]> {
  const { rows } = await pool.query<{ id: string; name: string }>(
    "select id, name from list_sign_in_providers($1)",
    [workspace],
  );
  return rows;
}
