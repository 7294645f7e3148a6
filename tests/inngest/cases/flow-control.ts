import { expect } from "vitest";
import { sendAndWait, until } from "../driver";
import { type Case, createCounter, eventName, pause } from "./case";

/** Watches how many calls of each key are under way at once. */
function createGauge() {
  const active = new Map<string, number>();
  const most = new Map<string, number>();
  return {
    during: async (key: string, ms: number) => {
      const now = (active.get(key) ?? 0) + 1;
      active.set(key, now);
      most.set(key, Math.max(most.get(key) ?? 0, now));
      await pause(ms);
      active.set(key, (active.get(key) ?? 1) - 1);
    },
    most: (key: string) => most.get(key) ?? 0,
  };
}

const keyedConcurrency: Case = {
  guarantee: "runs at most `limit` steps of one key at once, and other keys beside them",
  define: (client) => {
    const event = eventName(client, "keyed");
    const gauge = createGauge();
    const fn = client.createFunction(
      { id: "keyed", triggers: { event }, concurrency: { key: "event.data.k", limit: 1 } },
      async ({ step, event }) => {
        await step.run("work", async () => {
          await Promise.all([gauge.during(event.data.k, 150), gauge.during("all", 150)]);
        });
      },
    );
    return {
      functions: [fn],
      check: async (driver) => {
        const keys = ["a", "a", "a", "b", "b", "c"];
        const ids = await driver.send(keys.map((k) => ({ name: event, data: { k } })));
        for (const id of ids) await driver.waitRuns(id, 1);
        expect(["a", "b", "c"].map((key) => gauge.most(key))).toEqual([1, 1, 1]);
        expect(gauge.most("all")).toBeGreaterThan(1);
      },
    };
  },
};

const sharedConcurrency: Case = {
  guarantee: "shares an env-scoped limit between functions",
  define: (client) => {
    const event = eventName(client, "shared");
    const gauge = createGauge();
    const concurrency = { scope: "env" as const, key: `"${client.id}-slot"`, limit: 2 };
    const make = (id: string) =>
      client.createFunction({ id, triggers: { event }, concurrency }, async ({ step }) => {
        await step.run("work", () => gauge.during("slot", 100));
      });
    return {
      functions: [make("shared-1"), make("shared-2")],
      check: async (driver) => {
        const ids = await driver.send(Array.from({ length: 4 }, () => ({ name: event })));
        for (const id of ids) await driver.waitRuns(id, 2);
        expect(gauge.most("slot")).toBe(2);
      },
    };
  },
};

const priority: Case = {
  guarantee: "starts runs of higher priority first",
  define: (client) => {
    const event = eventName(client, "priority");
    const order: string[] = [];
    const fn = client.createFunction(
      {
        id: "priority",
        triggers: { event },
        concurrency: 1,
        priority: { run: "event.data.vip ? 300 : 0" },
      },
      async ({ event }) => {
        order.push(event.data.n);
        await pause(event.data.n === "first" ? 700 : 10);
      },
    );
    return {
      functions: [fn],
      check: async (driver) => {
        const first = await driver.send({ name: event, data: { n: "first" } });
        await until(() => order.length === 1);
        const rest = await driver.send([
          { name: event, data: { n: "plain-1" } },
          { name: event, data: { n: "plain-2" } },
          { name: event, data: { n: "vip", vip: true } },
        ]);
        for (const id of [...first, ...rest]) await driver.waitRuns(id, 1);
        expect(order.slice(0, 2)).toEqual(["first", "vip"]);
      },
    };
  },
};

const cancelOn: Case = {
  guarantee: "cancels the runs that a cancelOn event matches, before their next step",
  define: (client) => {
    const event = eventName(client, "cancellable");
    const stop = eventName(client, "stop");
    const count = createCounter();
    const heard: string[] = [];
    const fn = client.createFunction(
      { id: "cancellable", triggers: { event }, cancelOn: [{ event: stop, match: "data.id" }] },
      async ({ step, event }) => {
        await step.run("begin", () => count.add("begin"));
        await step.sleep("nap", "2s");
        await step.run("end", () => count.add(`end-${event.data.id}`));
      },
    );
    const listener = client.createFunction(
      {
        id: "cancelled",
        triggers: {
          event: "inngest/function.cancelled",
          if: `event.data.function_id == '${client.id}-cancellable'`,
        },
      },
      async ({ event }) => {
        heard.push((event.data as { event: { data: { id: string } } }).event.data.id);
      },
    );
    return {
      functions: [fn, listener],
      check: async (driver) => {
        const [one = "", two = ""] = await driver.send([
          { name: event, data: { id: "1" } },
          { name: event, data: { id: "2" } },
        ]);
        await until(() => count.get("begin") === 2);
        await pause(200);
        await driver.send({ name: stop, data: { id: "1" } });
        expect((await driver.waitRuns(one, 1))[0]?.status).toBe("cancelled");
        expect((await driver.waitRuns(two, 1))[0]?.status).toBe("completed");
        expect([count.get("end-1"), count.get("end-2")]).toEqual([0, 1]);
        await until(() => heard.length > 0);
        expect(heard).toEqual(["1"]);
      },
    };
  },
};

const finishTimeout: Case = {
  guarantee: "cancels a run that outlasts timeouts.finish",
  define: (client) => {
    const event = eventName(client, "overdue");
    const count = createCounter();
    const fn = client.createFunction(
      { id: "overdue", triggers: { event }, timeouts: { finish: "1s" } },
      async ({ step }) => {
        await step.sleep("long", "4s");
        await step.run("end", () => count.add("end"));
      },
    );
    return {
      functions: [fn],
      check: async (driver) => {
        const run = await sendAndWait(driver, { name: event });
        expect(run.status).toBe("cancelled");
        expect(count.get("end")).toBe(0);
      },
    };
  },
};

export const flowControlCases: Case[] = [
  keyedConcurrency,
  sharedConcurrency,
  priority,
  cancelOn,
  finishTimeout,
];
