import { referenceFunction } from "inngest";
import { expect } from "vitest";
import { sendAndWait } from "../driver";
import { type Case, createCounter, eventName } from "./case";

const invoked: Case = {
  guarantee: "invokes another function and answers its value",
  define: (client) => {
    const event = eventName(client, "invoke");
    const callee = client.createFunction(
      { id: "double", triggers: [] },
      async ({ step, event }) => {
        await step.sleep("nap", "1s");
        return (event.data as { n: number }).n * 2;
      },
    );
    const fn = client.createFunction({ id: "invoke", triggers: { event } }, async ({ step }) => {
      const [a, b] = await Promise.all([
        step.invoke("a", { function: callee, data: { n: 4 } }),
        step.invoke("b", { function: callee, data: { n: 5 } }),
      ]);
      return [a, b];
    });
    return {
      functions: [callee, fn],
      check: async (driver) => {
        const run = await sendAndWait(driver, { name: event });
        expect(run).toMatchObject({ status: "completed", output: [8, 10] });
      },
    };
  },
};

const invokedFails: Case = {
  guarantee: "throws the error of an invoked function in the invoking one",
  define: (client) => {
    const event = eventName(client, "invoke-fails");
    const count = createCounter();
    const callee = client.createFunction({ id: "fails", triggers: [], retries: 0 }, async () => {
      count.add("callee");
      throw new Error("callee broke");
    });
    const fn = client.createFunction(
      { id: "invoke-fails", triggers: { event } },
      async ({ step }) => {
        try {
          await step.invoke("call", { function: callee, data: {} });
        } catch (error) {
          return error instanceof Error ? error.message : "";
        }
      },
    );
    return {
      functions: [callee, fn],
      check: async (driver) => {
        const run = await sendAndWait(driver, { name: event });
        expect(run.output).toContain("callee broke");
        expect(count.get("callee")).toBe(1);
      },
    };
  },
};

const invokedUnknown: Case = {
  guarantee: "fails a step that invokes a function nobody serves",
  define: (client) => {
    const event = eventName(client, "invoke-unknown");
    const fn = client.createFunction(
      { id: "invoke-unknown", triggers: { event } },
      async ({ step }) => {
        const target = referenceFunction({ functionId: "nowhere" });
        await step.invoke("call", { function: target, data: {} });
      },
    );
    return {
      functions: [fn],
      check: async (driver) => {
        const run = await sendAndWait(driver, { name: event });
        expect(run.status).toBe("failed");
      },
    };
  },
};

const invokedLate: Case = {
  guarantee: "fails an invocation that outlasts its timeout",
  define: (client) => {
    const event = eventName(client, "invoke-late");
    const callee = client.createFunction({ id: "late", triggers: [] }, async ({ step }) => {
      await step.sleep("long", "1m");
    });
    const fn = client.createFunction(
      { id: "invoke-late", triggers: { event } },
      async ({ step }) => {
        try {
          await step.invoke("call", { function: callee, data: {}, timeout: "1s" });
          return "in time";
        } catch {
          return "late";
        }
      },
    );
    return {
      functions: [callee, fn],
      check: async (driver) => {
        const run = await sendAndWait(driver, { name: event });
        expect(run.output).toBe("late");
      },
    };
  },
};

export const invokeCases: Case[] = [invoked, invokedFails, invokedUnknown, invokedLate];
