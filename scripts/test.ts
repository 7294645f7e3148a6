import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { buildIfNeeded } from "./build";
import { findBrowser } from "./find-browser";
import { makeClientEnv, makeInferenceEnv, makePythonEnv } from "./python-env";

/** `npm test`: unit and integration tests, the trainers' tests, the browser tests; one sum at the end. */
interface Count {
  suite: string;
  passed: number;
  failed: number;
  seconds: number;
}

const reports = resolve("node_modules/.cache/modelyard/reports");
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

function run(
  suite: string,
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  count: () => Omit<Count, "suite" | "seconds">,
): Count {
  process.stdout.write(`\n— ${suite} —\n`);
  const startedAt = Date.now();
  const result = spawnSync(command, args, { stdio: ["ignore", "inherit", "inherit"], env });
  const counted = attempt(count) ?? { passed: 0, failed: 1 };
  // A runner that broke off has failed, whatever it counted before.
  const failed = result.status === 0 ? counted.failed : Math.max(counted.failed, 1);
  return { suite, passed: counted.passed, failed, seconds: (Date.now() - startedAt) / 1000 };
}

function attempt<T>(fn: () => T): T | undefined {
  try {
    return fn();
  } catch {
    return undefined;
  }
}

const json = (name: string) => JSON.parse(readFileSync(join(reports, name), "utf8"));

await buildIfNeeded();
const python = makePythonEnv();
const browser = findBrowser();
const env: NodeJS.ProcessEnv = {
  ...process.env,
  MODELYARD_TEST_PYTHON: python,
  MODELYARD_CLIENT_PYTHON: makeClientEnv(),
  MODELYARD_INFERENCE_PYTHON: makeInferenceEnv(),
  MODELYARD_PYTHON_ENV: resolve(python, "../.."),
  ...(browser ? { CHROME_PATH: browser } : {}),
};

const counts = [
  run(
    "unit and integration",
    "vitest",
    [
      "run",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${join(reports, "vitest.json")}`,
    ],
    env,
    () => {
      const { numPassedTests, numFailedTests } = json("vitest.json");
      return { passed: numPassedTests, failed: numFailedTests };
    },
  ),
  run(
    "trainers",
    python,
    [
      "-m",
      "pytest",
      "-q",
      "-p",
      "no:cacheprovider",
      `--junitxml=${join(reports, "pytest.xml")}`,
      "trainers/tests",
    ],
    { ...env, PYTHONPATH: resolve("trainers") },
    () => {
      const text = readFileSync(join(reports, "pytest.xml"), "utf8");
      const number = (name: string) =>
        Number(new RegExp(`<testsuite [^>]*\\b${name}="(\\d+)"`).exec(text)?.[1] ?? 0);
      const failed = number("failures") + number("errors");
      return { passed: number("tests") - failed - number("skipped"), failed };
    },
  ),
  run(
    "browser",
    "playwright",
    ["test", "--config", "tests/e2e/playwright.config.ts"],
    { ...env, PLAYWRIGHT_JSON: join(reports, "playwright.json") },
    () => {
      const { expected, unexpected, flaky } = json("playwright.json").stats;
      return { passed: expected, failed: unexpected + flaky };
    },
  ),
];

process.stdout.write("\n");
for (const { suite, passed, failed, seconds } of counts) {
  process.stdout.write(
    `${suite}: ${passed} passed, ${failed} failed in ${Math.round(seconds)} s\n`,
  );
}
const sum = (key: "passed" | "failed") => counts.reduce((total, count) => total + count[key], 0);
process.stdout.write(`${sum("passed")} passed, ${sum("failed")} failed\n`);
process.exit(sum("failed") === 0 ? 0 : 1);
