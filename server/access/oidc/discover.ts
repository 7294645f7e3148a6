import { z } from "zod";
import { AppError, invalid } from "@/server/kernel/errors";
import type { Outbound } from "@/server/kernel/outbound";

/** How long a provider's own description is believed, milliseconds. */
const KEEP_MS = 5 * 60_000;
const KEEP_ENTRIES = 500;

const metadata = z.object({
  issuer: z.string(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  jwks_uri: z.string(),
  userinfo_endpoint: z.string().optional(),
  token_endpoint_auth_methods_supported: z.array(z.string()).optional(),
});
export type ProviderMetadata = z.infer<typeof metadata>;

const kept = new Map<string, { until: number; found: ProviderMetadata }>();

/** What the issuer says of itself, a few minutes old at most. Throws as discover does. */
export async function discoverOften(outbound: Outbound, issuer: string): Promise<ProviderMetadata> {
  const hit = kept.get(issuer);
  if (hit && hit.until > Date.now()) return hit.found;
  const found = await discover(outbound, issuer);
  if (kept.size >= KEEP_ENTRIES) kept.clear();
  kept.set(issuer, { found, until: Date.now() + KEEP_MS });
  return found;
}

/**
 * Reads an issuer's discovery document (OpenID Connect Discovery 1.0) through the outbound guard.
 * Throws validation_failed when it is no OpenID provider, names another issuer, or points anywhere
 * the guard refuses; unavailable when it does not answer.
 */
export async function discover(outbound: Outbound, issuer: string): Promise<ProviderMetadata> {
  const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const reply = await outbound.request(url, { limitBytes: 256 * 1024 });
  if (reply.status !== 200) {
    throw new AppError("unavailable", `The provider's description answers ${reply.status}.`);
  }
  const parsed = metadata.safeParse(readJson(reply.body));
  if (!parsed.success) throw wrong("The issuer is no OpenID Connect provider.");
  const found = parsed.data;
  // Else a stranger's server could speak for an issuer whose people we know.
  if (found.issuer !== issuer) {
    throw wrong("The provider names another issuer: copy its own spelling, to the last slash.");
  }
  for (const endpoint of [
    found.authorization_endpoint,
    found.token_endpoint,
    found.jwks_uri,
    found.userinfo_endpoint,
  ]) {
    if (endpoint) outbound.check(endpoint);
  }
  return found;
}

const wrong = (message: string) => invalid(message, [{ path: "issuer", message }]);

function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
