import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { buildIfNeeded } from "./build";
import { findBrowser } from "./find-browser";
import { makeClientEnv, makeInferenceEnv, makePythonEnv } from "./python-env";
import {
  type Outcome,
  outcomeOfPlaywright,
  outcomeOfPytest,
  outcomeOfVitest,
  runAgain,
} from "./test-outcome";

/**
 * `npm test`: unit and integration tests, the trainers' tests, the browser tests; one sum at the end.
 * Few failures are run once more, alone: what passes then is named as unsteady, and what does not fails.
 */
const reports = resolve("node_modules/.cache/modelyard/reports");
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

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

/** Runs a suite and reads what it wrote; a runner that broke off has failed, whatever it counted before. */
function run(
  suite: string,
  command: string,
  args: string[],
  more: Record<string, string>,
  read: () => Outcome,
): Outcome {
  process.stdout.write(`\n— ${suite} —\n`);
  const { status } = spawnSync(command, args, {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...env, ...more },
  });
  const outcome = attempt(read) ?? { passed: 0, failures: [], unsteady: [] };
  if (status !== 0 && outcome.failures.length === 0)
    outcome.failures.push({ name: suite, file: "", message: `the runner ended with ${status}` });
  return outcome;
}

function attempt<T>(fn: () => T): T | undefined {
  try {
    return fn();
  } catch {
    return undefined;
  }
}

const vitest = (report: string, files: string[] = []) => [
  "run",
  "--reporter=default",
  "--reporter=json",
  `--outputFile.json=${report}`,
  ...files,
];

function unit(): Outcome {
  const first = join(reports, "vitest.json");
  const outcome = run("unit and integration", "vitest", vitest(first), {}, () =>
    outcomeOfVitest(first),
  );
  return runAgain(outcome, (files) => {
    const second = join(reports, "vitest-again.json");
    return run("once more, alone", "vitest", vitest(second, files), {}, () =>
      outcomeOfVitest(second),
    );
  });
}

const pytest = join(reports, "pytest.xml");
const playwright = join(reports, "playwright.json");
const suites: Record<string, () => Outcome> = {
  "unit and integration": unit,
  trainers: () =>
    run(
      "trainers",
      python,
      ["-m", "pytest", "-q", "-p", "no:cacheprovider", `--junitxml=${pytest}`, "trainers/tests"],
      { PYTHONPATH: resolve("trainers") },
      () => outcomeOfPytest(pytest),
    ),
  browser: () =>
    run(
      "browser",
      "playwright",
      ["test", "--config", "tests/e2e/playwright.config.ts"],
      { PLAYWRIGHT_JSON: playwright },
      () => outcomeOfPlaywright(playwright),
    ),
};

const lines: string[] = [];
const sum = { passed: 0, failed: 0 };
for (const [suite, measure] of Object.entries(suites)) {
  const startedAt = Date.now();
  const { passed, failures, unsteady } = measure();
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  sum.passed += passed;
  sum.failed += failures.length;
  for (const { name, file, message } of unsteady)
    lines.push(`unsteady: ${file} › ${name}: ${message}`);
  for (const { name, file, message } of failures)
    lines.push(`failed: ${file} › ${name}: ${message}`);
  lines.push(`${suite}: ${passed} passed, ${failures.length} failed in ${seconds} s`);
}
process.stdout.write(`\n${lines.join("\n")}\n${sum.passed} passed, ${sum.failed} failed\n`);
process.exit(sum.failed === 0 ? 0 : 1);
