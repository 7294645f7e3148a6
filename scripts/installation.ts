import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { appDatabaseUrl } from "@/db/app-url";
import { EnvError, env } from "@/env";
import { homeFolders, loadSecret } from "@/server/boot";

/** Address of the installation's database for a command: as the restricted role, and as the owner. */
export async function installationDatabase(): Promise<{ url: string; ownerUrl: string }> {
  const settings = env();
  const secret = await loadSecret(settings);
  const ownerUrl = settings.DATABASE_URL?.reveal() ?? (await embeddedUrl(secret));
  return { ownerUrl, url: appDatabaseUrl(ownerUrl, secret) };
}

/** The embedded server, which `npm start` runs; the fourth line of its pid file is its port. */
async function embeddedUrl(secret: string): Promise<string> {
  const path = join(homeFolders(env()).postgres, "postmaster.pid");
  const port = Number((await readFile(path, "utf8").catch(() => "")).split("\n")[3]);
  if (!port) throw new EnvError("No database answers: run `npm start` here, or set DATABASE_URL.");
  const password = createHmac("sha256", secret).update("postgres").digest("hex");
  return `postgres://modelyard:${password}@127.0.0.1:${port}/modelyard`;
}
