import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import pino from "pino";
import { afterEach, expect, it } from "vitest";
import { FurtherNodes } from "@/server/supervisor/further-nodes";
import { until } from "../predictions/support/prediction-server";

const program = fileURLToPath(new URL("support/waiting-process.mjs", import.meta.url));

interface Started {
  url: string;
  child: ChildProcess;
}

let begun = 0;
let started: Started[] = [];
let nodes: FurtherNodes | undefined;
afterEach(async () => {
  await nodes?.stop(1_000);
  for (const { child } of started) child.kill("SIGKILL");
  started = [];
  begun = 0;
});

function open(max: number): void {
  nodes = new FurtherNodes({
    kind: "node",
    name: "node",
    max,
    log: pino({ level: "silent" }),
    spawn: (port) => {
      begun++;
      const child = fork(program);
      return new Promise((resolve, reject) => {
        child.once("exit", reject);
        child.once("message", () => {
          started.push({ url: `http://127.0.0.1:${port}`, child });
          resolve(child);
        });
      });
    },
  });
}

const alive = () => started.filter(({ child }) => child.exitCode === null && !child.signalCode);
const ask = (count: number, stop: string[] = []) =>
  nodes?.hear({ type: "nodes", kind: "node", count, stop });

it("as many start as are asked for, however often, and never more than allowed", async () => {
  open(2);
  ask(1);
  ask(1);
  await until(() => started.length === 1);
  ask(9);
  await until(() => started.length === 2);
  const python = { type: "nodes", kind: "python", count: 9, stop: started.map(({ url }) => url) };
  for (const said of [null, "nodes", { type: "nodes", count: 9 }, { type: "ready" }, python]) {
    nodes?.hear(said);
  }
  ask(9);
  expect(begun).toBe(2);
});

it("fewer are no reason to end one: only those that are named end", async () => {
  open(3);
  ask(2);
  await until(() => started.length === 2);
  ask(0);
  const [first, second] = started;
  ask(1, [first?.url ?? ""]);
  await until(() => alive().length === 1);
  expect(alive()).toEqual([second]);
});

it("one that is killed comes back at its address", async () => {
  open(1);
  ask(1);
  const [first] = await until(() => started.length === 1 && started);
  first?.child.kill("SIGKILL");
  await until(() => started.length === 2);
  expect(started[1]?.url).toBe(first?.url);
});
