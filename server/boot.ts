import { createHmac, randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { appDatabaseUrl } from "@/db/app-url";
import { type Env, EnvError, env } from "@/env";
import { createLog } from "@/server/kernel/log";
import { createKeyring, type Keyring, openBlobStore } from "./artifacts";
import { createRuntime, type Runtime } from "./runtime";

/** Folders of one installation, all below MODELYARD_HOME. */
export function homeFolders(settings: Env) {
  const home = resolve(settings.MODELYARD_HOME);
  return {
    home,
    artifacts: join(home, "artifacts"),
    postgres: join(home, "postgres"),
    python: join(home, "python"),
    training: join(home, "training"),
  };
}

/** The installation's secret: the setting, else the file that the first start makes. */
export async function loadSecret(settings: Env): Promise<string> {
  if (settings.MODELYARD_SECRET) return settings.MODELYARD_SECRET.reveal();
  const { home } = homeFolders(settings);
  await mkdir(home, { recursive: true, mode: 0o711 });
  const path = join(home, "secret");
  const made = randomBytes(32).toString("base64url");
  // wx: of two first starts only one writes, both read the same.
  await writeFile(path, made, { mode: 0o600, flag: "wx" }).catch(() => undefined);
  return (await readFile(path, "utf8")).trim();
}

/** What gateways and inference nodes show each other: the setting, or it follows from the secret. */
export async function loadNodeToken(settings: Env): Promise<string> {
  if (settings.NODE_TOKEN) return settings.NODE_TOKEN.reveal();
  return createHmac("sha256", await loadSecret(settings))
    .update("node")
    .digest("hex");
}

/** The keys that wrap workspace keys: MODELYARD_KEK wraps, or the secret; all of them unwrap. */
export function openKeyring(settings: Env, secret: string): Keyring {
  const earlier = settings.MODELYARD_KEK_PREVIOUS?.reveal() ?? "";
  const previous = earlier.split(",").map((text) => text.trim());
  const all = [settings.MODELYARD_KEK?.reveal() ?? secret, secret, ...previous.filter(Boolean)];
  return createKeyring(all[0] ?? secret, all.slice(1));
}

/** Base URLs of the inference nodes this installation uses. */
export const nodeUrls = (settings: Env): string[] =>
  (settings.NODE_URLS ?? "")
    .split(",")
    .map((url) => url.trim())
    .filter(Boolean);

/** What every role process starts with. `name` is shown in its log lines. */
export async function bootRole(name: string, maxConnections = 10): Promise<Runtime> {
  const settings = env();
  if (!settings.DATABASE_URL) {
    throw new EnvError(
      "Setting DATABASE_URL is missing: `npm start` sets it for its own Postgres; a role started alone needs it.",
    );
  }
  const secret = await loadSecret(settings);
  const artifactsFolder = homeFolders(settings).artifacts;
  return createRuntime({
    databaseUrl: appDatabaseUrl(settings.DATABASE_URL.reveal(), secret),
    artifactsFolder,
    keyring: openKeyring(settings, secret),
    blobs: openBlobStore(settings, artifactsFolder),
    log: createLog(name, settings.LOG_LEVEL),
    maxConnections,
    secret,
    allowPrivateAddresses: settings.ALLOW_PRIVATE_ADDRESSES,
    externalIssuer: externalIssuer(settings),
    publicUrl: settings.MODELYARD_URL,
    limits: {
      keyPerSecond: settings.RATE_LIMIT_KEY_PER_SECOND,
      workspacePerSecond: settings.RATE_LIMIT_WORKSPACE_PER_SECOND,
      redisUrl: settings.REDIS_URL?.reveal(),
      instances: settings.WEB_INSTANCES,
      trustedProxies: settings.TRUSTED_PROXIES,
    },
  });
}

/** The issuer whose tokens programs may show beside ours, when one is set. */
function externalIssuer(settings: Env) {
  const { JWT_ISSUER: issuer, JWT_AUDIENCE: audience, JWT_JWKS_URL: jwksUrl } = settings;
  if (!issuer || !audience || !jwksUrl) return undefined;
  const { JWT_ALGORITHMS: algorithms, JWT_WORKSPACES_CLAIM: claim } = settings;
  return { issuer, audience, jwksUrl, algorithms, claim };
}

/** Runs a role's main: one clear line for a wrong setting, a log line for anything else. */
export function runMain(main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    const text =
      error instanceof EnvError ? error.message : String((error as Error)?.stack ?? error);
    process.stderr.write(`${text}\n`);
    process.exit(1);
  });
}

/**
 * Tells the supervisor that the role is ready, and ends it by `close` on SIGTERM, SIGINT or when
 * the supervisor is gone.
 */
export function roleReady(close: () => Promise<void>, details: Record<string, unknown> = {}): void {
  let closing = false;
  const end = (): void => {
    if (closing) return;
    closing = true;
    setTimeout(() => process.exit(1), 9_000).unref();
    close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on("SIGTERM", end);
  process.on("SIGINT", end);
  if (process.send) {
    process.on("disconnect", end);
    process.send({ type: "ready", ...details });
  }
}
