import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../support/postgres-server";
import { type NodeProxy, startNodeProxy } from "./node-proxy";

/** An inference node in a process of its own, behind a network that can be made a bad one. */
export interface HarmedNode {
  child: ChildProcess;
  port: number;
  proxy: NodeProxy;
  url: string;
  artifactsFolder: string;
}

async function startProcess(artifactsFolder: string, port: number): Promise<ChildProcess> {
  const child = fork("tests/predictions/support/node-process.ts", [artifactsFolder, String(port)], {
    execArgv: ["--import", "tsx"],
  });
  await Promise.race([
    once(child, "message"),
    once(child, "exit").then(() => Promise.reject(new Error("the node ended"))),
  ]);
  return child;
}

export async function startHarmedNode(artifactsFolder: string): Promise<HarmedNode> {
  const port = await freePort();
  const child = await startProcess(artifactsFolder, port);
  const proxy = await startNodeProxy(port);
  return { child, port, proxy, url: `http://127.0.0.1:${proxy.port}`, artifactsFolder };
}

export async function endHarmedNode({ child, proxy }: HarmedNode): Promise<void> {
  await proxy.close();
  child.kill("SIGKILL");
}

/** What may happen to a node; `timeoutMs` is how long callers wait for it. */
export const HARMS: readonly [string, (victim: HarmedNode, timeoutMs: number) => Promise<void>][] =
  [
    [
      "is killed and comes back",
      async (victim) => {
        victim.child.kill("SIGKILL");
        await once(victim.child, "exit");
        victim.child = await startProcess(victim.artifactsFolder, victim.port);
      },
    ],
    [
      "freezes for longer than callers wait",
      async ({ child }, timeoutMs) => {
        child.kill("SIGSTOP");
        await sleep(2 * timeoutMs);
        child.kill("SIGCONT");
      },
    ],
    [
      "answers later than callers wait",
      async ({ proxy }, timeoutMs) => {
        proxy.delay(2 * timeoutMs);
        await sleep(2 * timeoutMs);
        proxy.delay(0);
      },
    ],
    [
      "loses its connections again and again",
      async ({ proxy }) => {
        for (let at = 0; at < 10; at++) {
          proxy.cut();
          await sleep(100);
        }
      },
    ],
  ];
