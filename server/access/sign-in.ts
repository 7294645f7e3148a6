import { randomUUID } from "node:crypto";
import type { Pool } from "pg";
import { newId } from "@/server/kernel/ids";
import { hashToken, newToken, SESSION_MS } from "./session-token";

export interface NewSession {
  token: string;
  expiresAt: Date;
}

/** Opens a session for a user; the token is the cookie's value. */
export async function openSession(pool: Pool, userId: string): Promise<NewSession> {
  const token = `${randomUUID()}${newToken()}`;
  const expiresAt = new Date(Date.now() + SESSION_MS);
  await pool.query("select create_session($1, $2, $3)", [hashToken(token), userId, expiresAt]);
  return { token, expiresAt };
}

/** Uses up a one-time link; null when it is unknown, expired or used. */
export async function signInByLink(pool: Pool, token: string): Promise<NewSession | null> {
  const { rows } = await pool.query<{ user_id: string }>(
    "select user_id from use_sign_in_link($1)",
    [hashToken(token)],
  );
  return rows[0] ? openSession(pool, rows[0].user_id) : null;
}

/** Accepts an invitation as a new person, or as the one already signed in. */
export async function signInByInvitation(
  pool: Pool,
  token: string,
  signedInUserId: string | null,
): Promise<(NewSession & { workspaceSlug: string }) | null> {
  const { rows } = await pool.query<{ user_id: string; workspace_slug: string }>(
    "select user_id, workspace_slug from accept_invitation($1, $2)",
    [hashToken(token), signedInUserId ?? newId()],
  );
  const row = rows[0];
  if (!row) return null;
  return { ...(await openSession(pool, row.user_id)), workspaceSlug: row.workspace_slug };
}
