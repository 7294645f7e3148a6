import { NonRetriableError, RetryAfterError } from "inngest";
import { expect } from "vitest";
import { sendAndWait, until } from "../driver";
import { type Case, createCounter, eventName } from "./case";

const retriedStep: Case = {
  guarantee: "tries a failed step again without running the steps before it again",
  define: (client) => {
    const event = eventName(client, "retried-step");
    const count = createCounter();
    const attempts: number[] = [];
    const fn = client.createFunction(
      { id: "retried-step", triggers: { event }, retries: 3 },
      async ({ step, attempt }) => {
        await step.run("before", () => count.add("before"));
        await step.run("flaky", () => {
          attempts.push(attempt);
          if (count.add("flaky") < 3) throw new Error("not yet");
        });
        return step.run("after", () => count.add("after"));
      },
    );
    return {
      functions: [fn],
      check: async (driver) => {
        const run = await sendAndWait(driver, { name: event });
        expect(run).toMatchObject({ status: "completed", output: 1 });
        expect([count.get("before"), count.get("flaky"), count.get("after")]).toEqual([1, 3, 1]);
        expect(attempts).toEqual([0, 1, 2]);
      },
    };
  },
};

const onFailure: Case = {
  guarantee: "gives up after the last retry and runs onFailure with the error and the event",
  define: (client) => {
    const event = eventName(client, "on-failure");
    const count = createCounter();
    const heard: { message: string; name: string; data: unknown }[] = [];
    const fn = client.createFunction(
      {
        id: "on-failure",
        triggers: { event },
        retries: 1,
        onFailure: ({ error, event }) => {
          heard.push({
            message: error.message,
            name: event.data.event.name,
            data: event.data.event.data,
          });
        },
      },
      async () => {
        count.add("call");
        throw new Error("broken for good");
      },
    );
    return {
      functions: [fn],
      check: async (driver) => {
        const run = await sendAndWait(driver, { name: event, data: { n: 7 } });
        expect(run.status).toBe("failed");
        expect(count.get("call")).toBe(2);
        await until(() => heard.length > 0);
        expect(heard).toEqual([{ message: "broken for good", name: event, data: { n: 7 } }]);
      },
    };
  },
};

const nonRetriable: Case = {
  guarantee: "does not retry a NonRetriableError",
  define: (client) => {
    const event = eventName(client, "non-retriable");
    const count = createCounter();
    const fn = client.createFunction(
      { id: "non-retriable", triggers: { event } },
      async ({ step }) => {
        await step.run("final", () => {
          count.add("call");
          throw new NonRetriableError("never");
        });
      },
    );
    return {
      functions: [fn],
      check: async (driver) => {
        const run = await sendAndWait(driver, { name: event });
        expect(run.status).toBe("failed");
        expect(count.get("call")).toBe(1);
      },
    };
  },
};

const retryAfter: Case = {
  guarantee: "waits as long as a RetryAfterError says",
  define: (client) => {
    const event = eventName(client, "retry-after");
    const times: number[] = [];
    const fn = client.createFunction({ id: "retry-after", triggers: { event } }, async ({ step }) =>
      step.run("later", () => {
        times.push(Date.now());
        if (times.length === 1) throw new RetryAfterError("later", 2000);
        return times.length;
      }),
    );
    return {
      functions: [fn],
      check: async (driver) => {
        const run = await sendAndWait(driver, { name: event });
        expect(run.output).toBe(2);
        expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(1900);
      },
    };
  },
};

const caught: Case = {
  guarantee: "lets the function catch a step's error after its last retry",
  define: (client) => {
    const event = eventName(client, "caught");
    const count = createCounter();
    const fn = client.createFunction(
      { id: "caught", triggers: { event }, retries: 1 },
      async ({ step }) => {
        try {
          await step.run("bad", () => {
            count.add("bad");
            throw new TypeError("bad value");
          });
        } catch (error) {
          const message = error instanceof Error ? error.message : "";
          return step.run("recover", () => `recovered from ${message}`);
        }
      },
    );
    return {
      functions: [fn],
      check: async (driver) => {
        const run = await sendAndWait(driver, { name: event });
        expect(run).toMatchObject({ status: "completed", output: "recovered from bad value" });
        expect(count.get("bad")).toBe(2);
      },
    };
  },
};

const parallelFailure: Case = {
  guarantee: "retries one of several parallel steps alone",
  define: (client) => {
    const event = eventName(client, "parallel-failure");
    const count = createCounter();
    const fn = client.createFunction(
      { id: "parallel-failure", triggers: { event } },
      async ({ step }) =>
        Promise.all([
          step.run("good", () => count.add("good")),
          step.run("flaky", () => {
            if (count.add("flaky") < 2) throw new Error("once");
            return count.get("flaky");
          }),
        ]),
    );
    return {
      functions: [fn],
      check: async (driver) => {
        const run = await sendAndWait(driver, { name: event });
        expect(run.output).toEqual([1, 2]);
      },
    };
  },
};

export const failureCases: Case[] = [
  retriedStep,
  onFailure,
  nonRetriable,
  retryAfter,
  caught,
  parallelFailure,
];
