import { expect, it } from "vitest";
import { sendAndWait } from "./driver";
import { createEmbeddedDriver } from "./embedded-driver";

it("runs steps once, sleeps, retries", async () => {
  const driver = await createEmbeddedDriver();
  let a = 0;
  let b = 0;
  const fn = driver.client.createFunction(
    { id: "f", triggers: { event: "go" } },
    async ({ step }) => {
      const x = await step.run("a", () => ++a);
      await step.sleep("s", "1s");
      const y = await step.run("b", () => {
        if (++b < 3) throw new Error("no");
        return b;
      });
      return { x, y };
    },
  );
  await driver.start([fn]);
  const run = await sendAndWait(driver, { name: "go", data: { n: 1 } });
  expect(run).toMatchObject({ status: "completed", output: { x: 1, y: 3 } });
  await driver.stop();
});
