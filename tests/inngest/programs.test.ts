import fc from "fast-check";
import { expect, it } from "vitest";
import { waitRun } from "./driver";
import { createEmbeddedDriver } from "./embedded-driver";

/** A function body as data: a step that fails a few times first, or parts in sequence or parallel. */
type Program =
  | { kind: "step"; fails: number; value: number }
  | { kind: "seq" | "par"; parts: Program[] };

const { program } = fc.letrec<{ program: Program; step: Program; group: Program }>((tie) => ({
  step: fc.record({
    kind: fc.constant("step" as const),
    fails: fc.constantFrom(0, 0, 0, 1, 2),
    value: fc.nat(9),
  }),
  group: fc.record({
    kind: fc.constantFrom("seq" as const, "par" as const),
    parts: fc.array(tie("program"), { minLength: 1, maxLength: 3 }),
  }),
  program: fc.oneof({ maxDepth: 3, withCrossShrink: true }, tie("step"), tie("group")),
}));

type Work = (path: string, step: Extract<Program, { kind: "step" }>) => Promise<unknown>;

async function perform(node: Program, path: string, work: Work): Promise<unknown> {
  if (node.kind === "step") return work(path, node);
  const part = (each: Program, i: number) => perform(each, `${path}.${i}`, work);
  if (node.kind === "par") return Promise.all(node.parts.map(part));
  const values: unknown[] = [];
  for (const [i, each] of node.parts.entries()) values.push(await part(each, i));
  return values;
}

it.concurrent.each([
  ["with checkpointing", true],
  ["one step a request", false],
])(
  "any program of steps gives the value of plain code and ends each step once, %s",
  async (_, checkpointing) => {
    const driver = await createEmbeddedDriver({ checkpointing, retryDelayMs: () => 5 });
    const tries = new Map<string, number>();
    const fn = driver.client.createFunction(
      { id: "interpreter", triggers: { event: "program" } },
      ({ step, event, runId }) =>
        perform(event.data.program, "p", (path, node) =>
          step.run(path, () => {
            const key = `${runId}:${path}`;
            tries.set(key, (tries.get(key) ?? 0) + 1);
            if ((tries.get(key) ?? 0) <= node.fails) throw new Error("not yet");
            return node.value;
          }),
        ),
    );
    await driver.start([fn]);
    const programs = fc.sample(program, { numRuns: 30, seed: 20 });
    const ids = await driver.send(
      programs.map((each) => ({ name: "program", data: { program: each } })),
    );
    for (const [i, each] of programs.entries()) {
      const run = await waitRun(driver, ids[i] ?? "");
      const expected = await perform(each, "p", async (path, node) => {
        expect(tries.get(`${run.id}:${path}`)).toBe(node.fails + 1);
        return node.value;
      });
      expect(run).toMatchObject({ status: "completed", output: expected });
    }
    await driver.stop();
  },
);
