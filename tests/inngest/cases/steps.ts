import { expect } from "vitest";
import { sendAndWait } from "../driver";
import { type Case, createCounter, eventName, pause } from "./case";

const linear: Case = {
  guarantee: "runs each step once, in order, and answers the function's value",
  define: (client) => {
    const calls: string[] = [];
    const event = eventName(client, "linear");
    const fn = client.createFunction(
      { id: "linear", triggers: { event } },
      async ({ step, event }) => {
        const a = await step.run("a", () => {
          calls.push("a");
          return Number(event.data.n) + 1;
        });
        await step.sleep("nap", "1s");
        const b = await step.run("b", () => {
          calls.push("b");
          return a * 10;
        });
        return { a, b };
      },
    );
    return {
      functions: [fn],
      check: async (driver) => {
        const begin = Date.now();
        const run = await sendAndWait(driver, { name: event, data: { n: 1 } });
        expect(run).toMatchObject({ status: "completed", output: { a: 2, b: 20 } });
        expect(Date.now() - begin).toBeGreaterThanOrEqual(1000);
        expect(calls).toEqual(["a", "b"]);
      },
    };
  },
};

const noSteps: Case = {
  guarantee: "runs a function without steps and turns undefined into null",
  define: (client) => {
    const event = eventName(client, "no-steps");
    const fn = client.createFunction(
      { id: "no-steps", triggers: { event } },
      async () => undefined,
    );
    return {
      functions: [fn],
      check: async (driver) => {
        const run = await sendAndWait(driver, { name: event });
        expect(run).toMatchObject({ status: "completed", output: null });
      },
    };
  },
};

const values: Case = {
  guarantee: "carries JSON through a step unchanged, whatever characters it holds",
  define: (client) => {
    const event = eventName(client, "values");
    const value = {
      text: "a\u0000b \ud83d\ude00 \ud800 'quote\" \\",
      toJSON: "x",
      z: 1,
      a: [null, true],
    };
    const fn = client.createFunction(
      { id: "values", triggers: { event } },
      async ({ step, event }) => {
        const copy = await step.run("copy", () => event.data);
        await step.sleep("nap", "1s");
        const date = await step.run("date", () => ({ at: new Date(0), none: undefined }));
        await step.sleep("nap-again", "1s");
        return { copy, date };
      },
    );
    return {
      functions: [fn],
      check: async (driver) => {
        const run = await sendAndWait(driver, { name: event, data: { value } });
        const date = { at: "1970-01-01T00:00:00.000Z" };
        expect(run).toMatchObject({ status: "completed", output: { copy: { value }, date } });
      },
    };
  },
};

const repeatedIds: Case = {
  guarantee: "tells 25 steps of one id apart",
  define: (client) => {
    const event = eventName(client, "repeated");
    const count = createCounter();
    const fn = client.createFunction({ id: "repeated", triggers: { event } }, async ({ step }) => {
      const seen: number[] = [];
      for (let i = 0; i < 25; i++) seen.push(await step.run("same", () => count.add("same")));
      return seen;
    });
    return {
      functions: [fn],
      check: async (driver) => {
        const run = await sendAndWait(driver, { name: event });
        expect(run.output).toEqual(Array.from({ length: 25 }, (_, i) => i + 1));
      },
    };
  },
};

const parallel: Case = {
  guarantee: "runs parallel steps at the same time, each once, and goes on when all have ended",
  define: (client) => {
    const event = eventName(client, "parallel");
    const count = createCounter();
    let active = 0;
    let most = 0;
    const work = async (name: string) => {
      count.add(name);
      most = Math.max(most, ++active);
      await pause(300);
      active--;
      return name;
    };
    const fn = client.createFunction({ id: "parallel", triggers: { event } }, async ({ step }) => {
      const first = await Promise.all(
        ["x", "y", "z"].map((name) => step.run(name, () => work(name))),
      );
      const then = await step.run("then", () => work("then"));
      return [...first, then];
    });
    return {
      functions: [fn],
      check: async (driver) => {
        const run = await sendAndWait(driver, { name: event });
        expect(run.output).toEqual(["x", "y", "z", "then"]);
        expect(["x", "y", "z", "then"].map((name) => count.get(name))).toEqual([1, 1, 1, 1]);
        expect(most).toBeGreaterThan(1);
      },
    };
  },
};

const chains: Case = {
  guarantee: "runs parallel chains of steps to their ends, each step once",
  define: (client) => {
    const event = eventName(client, "chains");
    const count = createCounter();
    const fn = client.createFunction({ id: "chains", triggers: { event } }, async ({ step }) => {
      const chain = async (name: string) => {
        await step.run(`${name}-1`, () => count.add(`${name}-1`));
        await step.run(`${name}-2`, () => count.add(`${name}-2`));
        return step.run(`${name}-3`, () => count.add(`${name}-3`));
      };
      return Promise.all([chain("l"), chain("r")]);
    });
    return {
      functions: [fn],
      check: async (driver) => {
        const run = await sendAndWait(driver, { name: event });
        expect(run.output).toEqual([1, 1]);
      },
    };
  },
};

const race: Case = {
  guarantee: "goes on after the first of a race and runs what follows once",
  define: (client) => {
    const event = eventName(client, "race");
    const count = createCounter();
    const fn = client.createFunction(
      { id: "race", triggers: { event } },
      async ({ step, group }) => {
        const winner = await group.parallel({ mode: "race" }, () =>
          Promise.race([
            step.run("slow", async () => {
              await pause(1500);
              return "slow";
            }),
            step.run("fast", () => "fast"),
          ]),
        );
        await step.run("after", () => count.add("after"));
        return winner;
      },
    );
    return {
      functions: [fn],
      check: async (driver) => {
        const run = await sendAndWait(driver, { name: event });
        expect(run).toMatchObject({ status: "completed", output: "fast" });
        await pause(1500);
        expect(count.get("after")).toBe(1);
      },
    };
  },
};

const eager: Case = {
  guarantee: "lets parallel chains run ahead of each other with optimizeParallelism off",
  define: (client) => {
    const event = eventName(client, "eager");
    const order: string[] = [];
    const fn = client.createFunction(
      { id: "eager", triggers: { event }, optimizeParallelism: false },
      async ({ step }) => {
        const chain = async (name: string, ms: number) => {
          for (const n of [1, 2]) {
            await step.run(`${name}-${n}`, async () => {
              await pause(ms);
              order.push(`${name}-${n}`);
            });
          }
        };
        await Promise.all([chain("slow", 800), chain("fast", 10)]);
      },
    );
    return {
      functions: [fn],
      check: async (driver) => {
        const run = await sendAndWait(driver, { name: event });
        expect(run.status).toBe("completed");
        expect(order).toEqual(["fast-1", "fast-2", "slow-1", "slow-2"]);
      },
    };
  },
};

const sleepUntil: Case = {
  guarantee: "sleeps until a date, and not at all when the date has passed",
  define: (client) => {
    const event = eventName(client, "sleep-until");
    const fn = client.createFunction(
      { id: "sleep-until", triggers: { event } },
      async ({ step, event }) => {
        await step.sleepUntil("past", new Date(0));
        await step.sleepUntil("future", event.data.at);
        return "up";
      },
    );
    return {
      functions: [fn],
      check: async (driver) => {
        const at = Date.now() + 1500;
        const run = await sendAndWait(driver, {
          name: event,
          data: { at: new Date(at).toISOString() },
        });
        expect(run.output).toBe("up");
        expect(Date.now()).toBeGreaterThanOrEqual(at);
      },
    };
  },
};

export const stepCases: Case[] = [
  linear,
  noSteps,
  values,
  repeatedIds,
  parallel,
  chains,
  race,
  eager,
  sleepUntil,
];
