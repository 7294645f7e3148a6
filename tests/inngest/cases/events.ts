import { expect } from "vitest";
import { sendAndWait, until, waitRun } from "../driver";
import { type Case, createCounter, eventName, pause } from "./case";

const waitMatched: Case = {
  guarantee: "resumes waitForEvent with the event that matches, and with no other",
  define: (client) => {
    const event = eventName(client, "wait");
    const reply = eventName(client, "wait-reply");
    const count = createCounter();
    const fn = client.createFunction({ id: "wait", triggers: { event } }, async ({ step }) => {
      await step.run("begin", () => count.add("begin"));
      const got = await step.waitForEvent("reply", {
        event: reply,
        timeout: "30s",
        if: "async.data.id == event.data.id && async.data.ok",
      });
      return got?.data;
    });
    return {
      functions: [fn],
      check: async (driver) => {
        const [id = ""] = await driver.send({ name: event, data: { id: "one" } });
        await until(() => count.get("begin") > 0);
        await pause(300);
        await driver.send([
          { name: reply, data: { id: "two", ok: true } },
          { name: reply, data: { id: "one", ok: false } },
          { name: reply, data: { id: "one" } },
        ]);
        await driver.send({ name: reply, data: { id: "one", ok: true, value: "5\u0000" } });
        const run = await waitRun(driver, id);
        expect(run.output).toEqual({ id: "one", ok: true, value: "5\u0000" });
      },
    };
  },
};

const waitTimeout: Case = {
  guarantee: "resumes waitForEvent with null when its time is over",
  define: (client) => {
    const event = eventName(client, "wait-timeout");
    const fn = client.createFunction(
      { id: "wait-timeout", triggers: { event } },
      async ({ step }) => {
        const got = await step.waitForEvent("never", {
          event: eventName(client, "no"),
          timeout: "1s",
        });
        return { got };
      },
    );
    return {
      functions: [fn],
      check: async (driver) => {
        const run = await sendAndWait(driver, { name: event });
        expect(run.output).toEqual({ got: null });
      },
    };
  },
};

const waitAndSend: Case = {
  guarantee: "hears an event sent in parallel with the wait for it",
  define: (client) => {
    const event = eventName(client, "wait-and-send");
    const echo = eventName(client, "echo");
    const fn = client.createFunction(
      { id: "wait-and-send", triggers: { event } },
      async ({ step }) => {
        const [got] = await Promise.all([
          step.waitForEvent("echo", { event: echo, timeout: "20s" }),
          step.sendEvent("send", { name: echo, data: { n: 3 } }),
        ]);
        return got?.data.n;
      },
    );
    return {
      functions: [fn],
      check: async (driver) => {
        const run = await sendAndWait(driver, { name: event });
        expect(run.output).toBe(3);
      },
    };
  },
};

const sendEvent: Case = {
  guarantee: "sends events from a step once and starts the functions they trigger",
  define: (client) => {
    const event = eventName(client, "parent");
    const child = eventName(client, "child");
    const seen: number[] = [];
    const parent = client.createFunction(
      { id: "parent", triggers: { event } },
      async ({ step }) => {
        const sent = await step.sendEvent("fan-out", [
          { name: child, data: { n: 1 } },
          { name: child, data: { n: 2 } },
        ]);
        await step.sleep("nap", "1s");
        return sent.ids.length;
      },
    );
    const listener = client.createFunction(
      { id: "child", triggers: { event: child } },
      async ({ event }) => {
        seen.push(event.data.n);
      },
    );
    return {
      functions: [parent, listener],
      check: async (driver) => {
        const run = await sendAndWait(driver, { name: event });
        expect(run.output).toBe(2);
        expect(seen.sort()).toEqual([1, 2]);
      },
    };
  },
};

const triggerIf: Case = {
  guarantee: "starts a function only when its trigger's condition holds; a missing field is null",
  define: (client) => {
    const event = eventName(client, "conditional");
    const seen: unknown[] = [];
    const fn = client.createFunction(
      {
        id: "conditional",
        triggers: { event, if: "event.data.plan != 'free' && event.data.n > 1" },
      },
      async ({ event }) => {
        seen.push(event.data);
      },
    );
    return {
      functions: [fn],
      check: async (driver) => {
        await driver.send([
          { name: event, data: { plan: "free", n: 5 } },
          { name: event, data: {} },
          { name: event, data: { plan: "pro", n: "5" } },
        ]);
        const run = await sendAndWait(driver, { name: event, data: { n: 2 } });
        expect(run.status).toBe("completed");
        expect(seen).toEqual([{ n: 2 }]);
      },
    };
  },
};

const twoTriggers: Case = {
  guarantee: "starts a function for each of its triggers",
  define: (client) => {
    const [a, b] = [eventName(client, "either-a"), eventName(client, "either-b")];
    const fn = client.createFunction(
      { id: "either", triggers: [{ event: a }, { event: b }] },
      async ({ event }) => event.name,
    );
    return {
      functions: [fn],
      check: async (driver) => {
        expect((await sendAndWait(driver, { name: a })).output).toBe(a);
        expect((await sendAndWait(driver, { name: b })).output).toBe(b);
      },
    };
  },
};

const duplicateId: Case = {
  guarantee: "starts a function once for two events of one id",
  define: (client) => {
    const event = eventName(client, "duplicate");
    const count = createCounter();
    const fn = client.createFunction({ id: "duplicate", triggers: { event } }, async ({ event }) =>
      count.add(event.id ?? ""),
    );
    return {
      functions: [fn],
      check: async (driver) => {
        const id = `${client.id}-once`;
        await driver.send([
          { name: event, id },
          { name: event, id },
        ]);
        await driver.send({ name: event, id });
        await sendAndWait(driver, { name: event, id: `${id}-other` });
        await until(() => count.get(id) > 0);
        await pause(300);
        expect(count.get(id)).toBe(1);
      },
    };
  },
};

const scheduledEvent: Case = {
  guarantee: "starts a run for an event of the future at its time",
  define: (client) => {
    const event = eventName(client, "future");
    const fn = client.createFunction({ id: "future", triggers: { event } }, async () => "ran");
    return {
      functions: [fn],
      check: async (driver) => {
        const ts = Date.now() + 1500;
        const run = await sendAndWait(driver, { name: event, ts });
        expect(run.output).toBe("ran");
        expect(Date.now()).toBeGreaterThanOrEqual(ts);
      },
    };
  },
};

export const eventCases: Case[] = [
  waitMatched,
  waitTimeout,
  waitAndSend,
  sendEvent,
  triggerIf,
  twoTriggers,
  duplicateId,
  scheduledEvent,
];
