import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { EnvError, env } from "@/env";
import type { Keyring } from "@/server/artifacts";
import { bootRole, homeFolders, loadSecret, openKeyring } from "@/server/boot";
import { Secret } from "@/server/kernel/secret";
import type { Runtime } from "@/server/runtime";

export interface Installation {
  runtime: Runtime;
  keyring: Keyring;
  /** Archived ones among them. */
  workspaces: { id: string; slug: string }[];
}

/** Opens the installation of this folder and environment for a command over keys. */
export async function openInstallation(): Promise<Installation> {
  const settings = env();
  const secret = await loadSecret(settings);
  settings.DATABASE_URL ??= new Secret(await embeddedUrl(homeFolders(settings).postgres, secret));
  const runtime = await bootRole("keys", 4);
  const { rows } = await runtime.db.pool.query<{ id: string; slug: string }>(
    "select id, slug from list_all_workspaces()",
  );
  return { runtime, keyring: openKeyring(settings, secret), workspaces: rows };
}

/** The running embedded PostgreSQL says its port in the fourth line of its pid file. */
async function embeddedUrl(folder: string, secret: string): Promise<string> {
  const text = await readFile(join(folder, "postmaster.pid"), "utf8").catch(() => "");
  const port = Number(text.split("\n")[3]);
  if (!port) {
    throw new EnvError("No database: start Modelyard first (npm start), or set DATABASE_URL.");
  }
  const password = createHmac("sha256", secret).update("postgres").digest("hex");
  return `postgres://modelyard:${password}@127.0.0.1:${port}/modelyard`;
}

/** The workspace a command line names. Throws with the names there are. */
export function workspaceNamed(
  installation: Installation,
  slug: string | undefined,
  usage: string,
) {
  const found = installation.workspaces.find((one) => one.slug === slug);
  if (found) return found;
  const names = installation.workspaces.map((one) => one.slug).join(", ");
  throw new EnvError(`Usage: ${usage}\nWorkspaces: ${names}`);
}

/** Rewrites one line on a terminal, else writes lines. */
export function showProgress(text: string): void {
  process.stdout.write(process.stdout.isTTY ? `\r\u001b[K${text}` : `${text}\n`);
}
