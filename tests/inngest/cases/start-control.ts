import { expect } from "vitest";
import { sendAndWait, until } from "../driver";
import { type Case, createCounter, eventName, pause } from "./case";

const idempotency: Case = {
  guarantee: "runs once for an idempotency key",
  define: (client) => {
    const event = eventName(client, "idempotent");
    const count = createCounter();
    const fn = client.createFunction(
      { id: "idempotent", triggers: { event }, idempotency: "event.data.order" },
      async ({ event }) => {
        count.add(event.data.order);
      },
    );
    return {
      functions: [fn],
      check: async (driver) => {
        await driver.send([
          { name: event, data: { order: "o1" } },
          { name: event, data: { order: "o1" } },
        ]);
        await driver.send({ name: event, data: { order: "o1" } });
        await sendAndWait(driver, { name: event, data: { order: "o2" } });
        await until(() => count.get("o1") > 0);
        await pause(300);
        expect([count.get("o1"), count.get("o2")]).toEqual([1, 1]);
      },
    };
  },
};

const singletonSkip: Case = {
  guarantee: "skips a run while a singleton of its key is under way",
  define: (client) => {
    const event = eventName(client, "skip");
    const fn = client.createFunction(
      { id: "skip", triggers: { event }, singleton: { key: "event.data.k", mode: "skip" } },
      async ({ step }) => {
        await step.sleep("nap", "1s");
      },
    );
    return {
      functions: [fn],
      check: async (driver) => {
        const send = async (k: string) =>
          (await driver.send({ name: event, data: { k } }))[0] ?? "";
        const first = await send("a");
        await until(async () => (await driver.runsOf(first)).length > 0);
        const second = await send("a");
        const other = await send("b");
        await driver.waitRuns(first, 1);
        await driver.waitRuns(other, 1);
        expect(await driver.runsOf(second)).toEqual([]);
        await driver.waitRuns(await send("a"), 1);
      },
    };
  },
};

const singletonCancel: Case = {
  guarantee: "cancels the singleton under way in favor of the newer run",
  define: (client) => {
    const event = eventName(client, "replace");
    const fn = client.createFunction(
      { id: "replace", triggers: { event }, singleton: { mode: "cancel" } },
      async ({ step }) => {
        await step.sleep("nap", "2s");
        return "done";
      },
    );
    return {
      functions: [fn],
      check: async (driver) => {
        const [first = ""] = await driver.send({ name: event });
        await until(async () => (await driver.runsOf(first)).length > 0);
        const [second = ""] = await driver.send({ name: event });
        expect((await driver.waitRuns(first, 1))[0]?.status).toBe("cancelled");
        expect((await driver.waitRuns(second, 1))[0]?.output).toBe("done");
      },
    };
  },
};

const rateLimit: Case = {
  guarantee: "drops what is above a rate limit, by key",
  define: (client) => {
    const event = eventName(client, "rated");
    const count = createCounter();
    const fn = client.createFunction(
      {
        id: "rated",
        triggers: { event },
        rateLimit: { limit: 1, period: "1h", key: "event.data.k" },
      },
      async ({ event }) => {
        count.add(event.data.k);
      },
    );
    return {
      functions: [fn],
      check: async (driver) => {
        await driver.send(["a", "a", "b"].map((k) => ({ name: event, data: { k } })));
        await driver.send({ name: event, data: { k: "a" } });
        await until(() => count.get("a") + count.get("b") >= 2);
        await pause(300);
        expect([count.get("a"), count.get("b")]).toEqual([1, 1]);
      },
    };
  },
};

const throttle: Case = {
  guarantee: "puts off what is above a throttle and runs all of it",
  define: (client) => {
    const event = eventName(client, "throttled");
    const times: number[] = [];
    const fn = client.createFunction(
      { id: "throttled", triggers: { event }, throttle: { limit: 1, period: "1s" } },
      async () => {
        times.push(Date.now());
      },
    );
    return {
      functions: [fn],
      check: async (driver) => {
        const ids = await driver.send(Array.from({ length: 3 }, () => ({ name: event })));
        for (const id of ids) await driver.waitRuns(id, 1);
        expect(Math.max(...times) - Math.min(...times)).toBeGreaterThanOrEqual(1800);
      },
    };
  },
};

export const startControlCases: Case[] = [
  idempotency,
  singletonSkip,
  singletonCancel,
  rateLimit,
  throttle,
];
