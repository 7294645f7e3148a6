import type { NextAuthOptions } from "next-auth";
import type { Pool } from "pg";
import { hashToken, SESSION_MS } from "./session-token";

type AuthAdapter = NonNullable<NextAuthOptions["adapter"]>;

interface UserRow {
  id: string;
  name: string;
  email: string | null;
}

const toUser = (row: UserRow) => ({
  id: row.id,
  name: row.name,
  email: row.email ?? "",
  emailVerified: null,
});

/** next-auth's store on our tables. Only hashes of session tokens are kept. */
function createAdapter(pool: Pool): AuthAdapter {
  return {
    async getUser(id) {
      const { rows } = await pool.query<UserRow>("select * from lookup_user($1)", [id]);
      return rows[0] ? toUser(rows[0]) : null;
    },
    async createSession(session) {
      await pool.query("select create_session($1, $2, $3)", [
        hashToken(session.sessionToken),
        session.userId,
        session.expires,
      ]);
      return session;
    },
    async getSessionAndUser(sessionToken) {
      const { rows } = await pool.query<{
        user_id: string;
        name: string;
        email: string | null;
        expires_at: Date;
      }>("select * from lookup_session($1)", [hashToken(sessionToken)]);
      const row = rows[0];
      if (!row) return null;
      return {
        session: { sessionToken, userId: row.user_id, expires: row.expires_at },
        user: toUser({ id: row.user_id, name: row.name, email: row.email }),
      };
    },
    async updateSession(session) {
      if (session.expires) {
        await pool.query("select extend_session($1, $2)", [
          hashToken(session.sessionToken),
          session.expires,
        ]);
      }
      return null;
    },
    async deleteSession(sessionToken) {
      await pool.query("select delete_session($1)", [hashToken(sessionToken)]);
    },
  };
}

/** Database sessions; people enter by one-time link or invitation until an OIDC provider is set. */
export function nextAuthOptions(pool: Pool, secret: string): NextAuthOptions {
  return {
    adapter: createAdapter(pool),
    providers: [],
    secret,
    session: { strategy: "database", maxAge: SESSION_MS / 1000, updateAge: 24 * 3600 },
    pages: { signIn: "/signin" },
  };
}
