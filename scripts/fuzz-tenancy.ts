import { spawnSync } from "node:child_process";

/**
 * `npm run fuzz:tenancy [-- <operations>] [seed]`: a million generated operations of two workspaces
 * on a real PostgreSQL; ends with 1 when one crosses over, and names its seed.
 */
const [operations = "1000000", seed = String(Date.now() % 2 ** 31)] = process.argv.slice(2);
const args = ["vitest", "run", "tests/tenancy/stateful.test.ts"];
const env = { ...process.env, TENANCY_OPERATIONS: operations, TENANCY_SEED: seed };
process.stdout.write(`${operations} operations from seed ${seed}\n`);
const { status } = spawnSync("npx", args, { stdio: "inherit", env });
process.exit(status ?? 1);
