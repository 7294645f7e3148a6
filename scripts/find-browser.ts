import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const SYSTEM_BROWSERS = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

const installed = (): string | undefined =>
  [process.env.CHROME_PATH ?? "", ...SYSTEM_BROWSERS].find((path) => path && existsSync(path));

/**
 * A Chromium for the browser tests: the system's; else Debian's package where we may install it;
 * else undefined, and Playwright's own download is used.
 */
export function findBrowser(): string | undefined {
  const present = installed();
  if (present) return present;
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    process.stdout.write("No browser found: installing Debian's chromium …\n");
    spawnSync("apt-get", ["update", "-qq"], { env, stdio: "ignore" });
    spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], {
      env,
      stdio: "ignore",
    });
    const debian = installed();
    if (debian) return debian;
  }
  process.stdout.write("No browser found: downloading Playwright's …\n");
  execFileSync("playwright", ["install", "chromium"], { stdio: "inherit" });
  return undefined;
}
