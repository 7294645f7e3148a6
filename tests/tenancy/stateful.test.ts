import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { verifyAudit } from "@/server/audit";
import { createTestWorld, type TestWorld } from "../support/workspace";
import { emptyHoldings, operation, perform } from "./support/operations";

/** Operations of the whole run; `npm run fuzz:tenancy` asks for a million. */
const OPERATIONS = Number(process.env.TENANCY_OPERATIONS ?? 20_000);
const SEED = Number(process.env.TENANCY_SEED ?? 20261121);
/** Sequences run side by side, each on two workspaces of its own. */
const LANES = 4;
const SEQUENCE = 500;

let world: TestWorld;
beforeAll(async () => {
  world = await createTestWorld();
});
afterAll(() => world.close());

async function runSequence(seed: number, length: number): Promise<number> {
  const pair = [await world.workspace(), await world.workspace()] as const;
  const holdings = [
    emptyHoldings(pair[0].as("admin")),
    emptyHoldings(pair[1].as("admin")),
  ] as const;
  const operations = fc.sample(operation, { numRuns: length, seed });
  let crossings = 0;
  for (const [at, one] of operations.entries()) {
    const crossed = await perform(one, holdings).catch((error: Error) => {
      throw new Error(`seed ${seed}, operation ${at} ${JSON.stringify(one)}: ${error.message}`);
    });
    if (crossed) crossings += 1;
  }
  for (const workspace of pair) {
    expect((await verifyAudit(workspace.as("admin"))).broken).toBeNull();
  }
  return crossings;
}

it(
  `lets nobody cross over in ${OPERATIONS} generated operations of two workspaces`,
  async () => {
    const sequences = Math.ceil(OPERATIONS / SEQUENCE);
    let next = 0;
    let crossings = 0;
    const lane = async () => {
      while (next < sequences) {
        const at = next++;
        const length = Math.min(SEQUENCE, OPERATIONS - at * SEQUENCE);
        const crossed = await runSequence(SEED + at, length);
        crossings += crossed;
        if (at % 100 === 99) process.stdout.write(`${(at + 1) * SEQUENCE} operations\n`);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    process.stdout.write(`${OPERATIONS} operations, ${crossings} tried to cross over, 0 did\n`);
    expect(crossings).toBeGreaterThan(OPERATIONS / 8);
  },
  Math.max(170_000, OPERATIONS * 40),
);
