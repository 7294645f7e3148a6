import { type ChildProcess, spawn } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { freePort } from "../../server/supervisor/free-port";

/** The administrator key of the product under test. */
export const ADMIN_KEY = "e2e-administrator-key-0123456789abcdef";

/** Starts the whole product as `npm start` does, on a fresh home, and leaves its links in the environment. */
export default async function startProduct(): Promise<() => Promise<void>> {
  // A product that runs already, for writing tests: E2E_URL, E2E_SIGN_IN, E2E_KEY and E2E_HOME.
  if (process.env.E2E_URL) return async () => undefined;
  const home = await mkdtemp(join(tmpdir(), "modelyard-e2e-"));
  // The embedded server runs as its own user, who must be able to walk in.
  await chmod(home, 0o711);
  const port = String(await freePort());
  const child = spawn(process.execPath, ["--import", "tsx", "scripts/start.ts"], {
    cwd: resolve(import.meta.dirname, "../.."),
    env: {
      ...process.env,
      PORT: port,
      MODELYARD_HOME: home,
      MODELYARD_ADMIN_KEY: ADMIN_KEY,
      // The identity provider of e-oidc.spec.ts listens on loopback.
      ALLOW_PRIVATE_ADDRESSES: "true",
      LOG_LEVEL: "warn",
      NODE_ENV: "production",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const output = await readUntil(child, /Sign in once[^\n]*(http\S+)/);
  process.env.E2E_URL = `http://127.0.0.1:${port}`;
  process.env.E2E_SIGN_IN = output;
  process.env.E2E_KEY = ADMIN_KEY;
  process.env.E2E_HOME = home;
  return async () => {
    const ended = new Promise((done) => child.once("exit", done));
    child.kill("SIGINT");
    await ended;
    await rm(home, { recursive: true, force: true });
  };
}

function readUntil(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((done, fail) => {
    let text = "";
    child.stdout?.on("data", (chunk) => {
      text += String(chunk);
      const match = pattern.exec(text);
      if (match?.[1]) done(match[1]);
    });
    child.once("exit", (code) => fail(new Error(`the product ended with ${code}\n${text}`)));
  });
}
