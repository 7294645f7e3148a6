import { type Context, Hono } from "hono";
import { setCookie } from "hono/cookie";
import { env } from "@/env";
import { hashToken, sessionTokenOf } from "@/server/access/session-token";
import { type NewSession, signInByInvitation, signInByLink } from "@/server/access/sign-in";
import { notesOf } from "@/server/limits";
import type { Runtime } from "@/server/runtime";

/**
 * `GET /signin/link` shows a button, `POST` uses the token up: mail scanners and previews follow
 * links, and must not spend a link that works once.
 */
export function createSignInApp(runtime: Runtime): Hono {
  const app = new Hono();
  app.get("/signin/link", (http) => {
    const { token, invitation } = http.req.query();
    const kind = invitation ? "invitation" : "token";
    return http.redirect(`/signin?${kind}=${encodeURIComponent(invitation ?? token ?? "")}`, 302);
  });
  app.post("/signin/link", async (http) => {
    const form = await http.req.parseBody();
    const token = typeof form.token === "string" ? form.token : "";
    const invitation = typeof form.invitation === "string" ? form.invitation : "";
    const origin = http.req.header("origin");
    const own = [new URL(http.req.url).host, hostOf(runtime.publicUrl ?? "")];
    const foreign = origin !== undefined && !own.includes(hostOf(origin) || "none");
    if (foreign) return http.redirect("/signin?error=origin", 303);
    const { address } = notesOf(http.req.raw);
    const { guesses } = runtime.limits;
    guesses.check(address, "");
    if (invitation) {
      const user = await signedInUser(runtime, http.req.header("cookie"));
      const session = await signInByInvitation(runtime.db.pool, invitation, user);
      if (!session) return wrongLink(http);
      return withCookie(http, session, `/${session.workspaceSlug}`);
    }
    const session = await signInByLink(runtime.db.pool, token);
    if (!session) return wrongLink(http);
    return withCookie(http, session, "/");

    function wrongLink(reply: Context): Response {
      guesses.wrong(address, "");
      return reply.redirect("/signin?error=link", 303);
    }
  });
  return app;
}

const hostOf = (origin: string): string => (URL.canParse(origin) ? new URL(origin).host : "");

function withCookie(http: Context, session: NewSession, location: string): Response {
  // Behind a proxy that ends TLS the request is plain; the public address tells.
  const secure =
    new URL(http.req.url).protocol === "https:" ||
    (env().MODELYARD_URL?.startsWith("https:") ?? false);
  setCookie(
    http,
    secure ? "__Secure-next-auth.session-token" : "next-auth.session-token",
    session.token,
    { path: "/", httpOnly: true, sameSite: "Lax", secure, expires: session.expiresAt },
  );
  return http.redirect(location, 303);
}

async function signedInUser(runtime: Runtime, cookie: string | undefined): Promise<string | null> {
  const token = sessionTokenOf(cookie);
  if (!token) return null;
  const { rows } = await runtime.db.pool.query<{ user_id: string }>(
    "select user_id from lookup_session($1)",
    [hashToken(token)],
  );
  return rows[0]?.user_id ?? null;
}
