import { spawnSync } from "node:child_process";

/** Writes docs/query-plans.md from the plans that tests/experiments/query-plans.test.ts checks. */
const { status } = spawnSync("npx", ["vitest", "run", "tests/experiments/query-plans.test.ts"], {
  stdio: "inherit",
  env: { ...process.env, QUERY_PLANS: "docs/query-plans.md" },
});
process.exit(status ?? 1);
