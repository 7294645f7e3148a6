import type { NextAuthOptions } from "next-auth";
import type { Pool } from "pg";
import type { Context } from "@/server/kernel/context";
import type { Log } from "@/server/kernel/log";
import type { Outbound } from "@/server/kernel/outbound";
import { completeSignIn } from "./oidc/complete-sign-in";
import { toNextAuthProvider } from "./oidc/next-auth-provider";
import { safeRedirect } from "./oidc/safe-redirect";
import { findSignInProvider, type SignInProvider } from "./oidc/sign-in-provider";
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

/** What sign-in needs of the process. */
export interface SignInRuntime {
  db: { pool: Pool };
  ports: Context["ports"];
  log: Pick<Log, "warn">;
  jobContext: (workspaceId: string, name: string) => Context;
}

/** Sessions on our tables. Only hashes of session tokens are kept. */
function sessionStore(pool: Pool) {
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
  } satisfies AuthAdapter;
}

/**
 * A person is (issuer, subject) and nothing else: no e-mail address finds one, and an identity is
 * never joined to whoever happens to be signed in, for then one workspace's provider could take
 * over a colleague's account.
 */
function identityStore(pool: Pool, provider: SignInProvider): AuthAdapter {
  return {
    ...sessionStore(pool),
    async getSessionAndUser() {
      return null;
    },
    async getUserByEmail() {
      return null;
    },
    async getUserByAccount({ providerAccountId }) {
      const { rows } = await pool.query<UserRow>("select * from lookup_identity($1, $2)", [
        provider.issuer,
        providerAccountId,
      ]);
      return rows[0] ? toUser(rows[0]) : null;
    },
  };
}

/** Options for one request; `path` is what follows /api/auth/. */
export async function nextAuthOptions(
  runtime: SignInRuntime,
  secret: string,
  path: readonly string[],
): Promise<NextAuthOptions> {
  const { pool } = runtime.db;
  const options: NextAuthOptions = {
    adapter: sessionStore(pool) as AuthAdapter,
    providers: [],
    secret,
    session: { strategy: "database", maxAge: SESSION_MS / 1000, updateAge: 24 * 3600 },
    pages: { signIn: "/signin", error: "/signin" },
    callbacks: { redirect: ({ url, baseUrl }) => safeRedirect(url, baseUrl) },
    logger: {
      // next-auth hands over whole errors, with what the provider said; the code says enough.
      error: (code) => runtime.log.warn({ code }, "sign-in failed"),
      warn: () => undefined,
      debug: () => undefined,
    },
  };
  const [action, id] = path;
  if (!id || (action !== "signin" && action !== "callback")) return options;
  const provider = await findSignInProvider(pool, runtime.ports, id);
  const { outbound } = runtime.ports;
  if (!provider || !outbound) return options;
  return withProvider(options, runtime, provider, outbound);
}

async function withProvider(
  options: NextAuthOptions,
  runtime: SignInRuntime,
  provider: SignInProvider,
  outbound: Outbound,
): Promise<NextAuthOptions> {
  return {
    ...options,
    adapter: identityStore(runtime.db.pool, provider),
    providers: [await toNextAuthProvider(provider, outbound)],
    callbacks: {
      ...options.callbacks,
      async signIn({ profile }) {
        const ctx = runtime.jobContext(provider.workspaceId, `sign-in with ${provider.name}`);
        const belongs = await completeSignIn(ctx, provider, { ...profile });
        return belongs || `/signin?error=no_role&workspace=${provider.workspaceSlug}`;
      },
    },
  };
}
