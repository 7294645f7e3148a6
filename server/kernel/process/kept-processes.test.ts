import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, expect, it } from "vitest";
import { NoAnswer } from "./ask-process";
import { KeptProcesses } from "./kept-processes";

/** Answers with its id, or ends where it is told so. */
const PROGRAM = `process.on("message", (task) => {
  if (task.ends) process.exit(3);
  process.send({ pid: process.pid });
})`;
const LIMITS = { timeoutMs: 60_000, residentMb: 4_096 };
const KEEPING = { idleMs: 600_000, residentMb: 4_096, idleMax: 2 };

const children: ChildProcess[] = [];
const start = () => {
  const child = spawn(process.execPath, ["-e", PROGRAM], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  children.push(child);
  return child;
};
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

const pidOf = async (kept: KeptProcesses, owner: string, task = {}) =>
  (await kept.ask<{ pid: number }>(owner, task)).pid;

it("answers the next task of an owner with the same process, and no other owner's", async () => {
  const kept = new KeptProcesses(start, LIMITS, KEEPING);
  kept.warm("a");
  const first = await pidOf(kept, "a");
  expect(children).toHaveLength(1);
  expect(await pidOf(kept, "b")).not.toBe(first);
  expect(await pidOf(kept, "a")).toBe(first);
  kept.warm("a");
  expect(children).toHaveLength(2);
}, 60_000);

it("starts another one where the one that waited has ended", async () => {
  const kept = new KeptProcesses(start, LIMITS, KEEPING);
  const first = await pidOf(kept, "a");
  const [child] = children;
  const ended = child && once(child, "exit");
  child?.kill("SIGKILL");
  await ended;
  expect(await pidOf(kept, "a")).not.toBe(first);
}, 60_000);

it("says that there is no answer where every process ends over a task", async () => {
  const kept = new KeptProcesses(start, LIMITS, KEEPING);
  await pidOf(kept, "a");
  await expect(kept.ask("a", { ends: true })).rejects.toBeInstanceOf(NoAnswer);
  expect(await pidOf(kept, "a")).toBeGreaterThan(0);
}, 60_000);

it("keeps no process that holds much memory, and no more than are wanted", async () => {
  const big = new KeptProcesses(start, LIMITS, { ...KEEPING, residentMb: 1 });
  expect(await pidOf(big, "a")).not.toBe(await pidOf(big, "a"));
  const few = new KeptProcesses(start, LIMITS, { ...KEEPING, idleMax: 1 });
  const first = await pidOf(few, "a");
  await pidOf(few, "b");
  expect(await pidOf(few, "a")).not.toBe(first);
}, 60_000);
