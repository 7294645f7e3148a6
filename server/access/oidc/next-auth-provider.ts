import type { OAuthConfig } from "next-auth/providers/oauth";
import type { Outbound } from "@/server/kernel/outbound";
import { discoverOften, type ProviderMetadata } from "./discover";
import type { SignInProvider } from "./sign-in-provider";

/** Patience with a provider, milliseconds. */
const TIMEOUT_MS = 10_000;

type Claims = Record<string, unknown> & { sub: string };

/** How the client shows who it is; a client without a secret is public and has PKCE alone. */
function authMethod(provider: SignInProvider, found: ProviderMetadata) {
  if (provider.clientSecret === null) return "none" as const;
  const known = found.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
  return known.includes("client_secret_basic")
    ? ("client_secret_basic" as const)
    : ("client_secret_post" as const);
}

/**
 * A stored provider as next-auth takes it: PKCE, state and nonce always, one signature algorithm,
 * endpoints from the description we read, every connection through the outbound guard.
 */
export async function toNextAuthProvider(
  provider: SignInProvider,
  outbound: Outbound,
): Promise<OAuthConfig<Claims>> {
  const found = await discoverOften(outbound, provider.issuer);
  return {
    id: provider.id,
    name: provider.name,
    type: "oauth",
    idToken: true,
    checks: ["pkce", "state", "nonce"],
    issuer: provider.issuer,
    clientId: provider.clientId,
    ...(provider.clientSecret === null ? {} : { clientSecret: provider.clientSecret }),
    authorization: { url: found.authorization_endpoint, params: { scope: provider.scopes } },
    token: { url: found.token_endpoint },
    userinfo: {
      ...(found.userinfo_endpoint ? { url: found.userinfo_endpoint } : {}),
      // Groups stand in the ID token or in the user info; the client checks that both mean one person.
      async request({ client, tokens }) {
        const claims = tokens.id_token ? decodeClaims(tokens.id_token) : {};
        if (!found.userinfo_endpoint || !tokens.access_token) return claims;
        return { ...claims, ...(await client.userinfo(tokens as never)) };
      },
    },
    jwks_endpoint: found.jwks_uri,
    client: {
      id_token_signed_response_alg: provider.algorithm,
      token_endpoint_auth_method: authMethod(provider, found),
    },
    httpOptions: { timeout: TIMEOUT_MS, lookup: outbound.lookup } as { timeout: number },
    profile: (claims) => ({ id: claims.sub, name: null, email: null }),
  };
}

/** Claims of an ID token that the client has verified already. */
const decodeClaims = (idToken: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(idToken.split(".")[1] ?? "", "base64url").toString("utf8"));
