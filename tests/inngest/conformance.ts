import { afterAll, beforeAll, describe, it } from "vitest";
import { eventCases } from "./cases/events";
import { failureCases } from "./cases/failures";
import { flowControlCases } from "./cases/flow-control";
import { invokeCases } from "./cases/invoke";
import { startControlCases } from "./cases/start-control";
import { stepCases } from "./cases/steps";
import type { Driver } from "./driver";

const CASES = [
  ...stepCases,
  ...failureCases,
  ...eventCases,
  ...invokeCases,
  ...flowControlCases,
  ...startControlCases,
];

/** What every backend promises. Asserts outputs, counts and order; of durations lower bounds only. */
export function describeConformance(name: string, createDriver: () => Promise<Driver>): void {
  describe(name, () => {
    let driver: Driver;
    const checks = new Map<string, (driver: Driver) => Promise<void>>();

    beforeAll(async () => {
      driver = await createDriver();
      const defined = CASES.map((each) => ({ ...each, ...each.define(driver.client) }));
      for (const each of defined) checks.set(each.guarantee, each.check);
      await driver.start(defined.flatMap((each) => each.functions));
    });
    afterAll(() => driver?.stop());

    for (const { guarantee } of CASES) {
      it.concurrent(guarantee, async () => {
        await checks.get(guarantee)?.(driver);
      });
    }
  });
}
