import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inheritedEnv } from "@/env";
import { FIRST_NODE_LABEL, NODE_GROUP_LABEL } from "@/server/deployments/constants";
import type { Log } from "@/server/kernel/log";
import { freePort } from "./free-port";
import { FurtherNodes } from "./further-nodes";
import { SupervisedProcess } from "./role-process";
import { productFolder } from "./start-script";

export interface PythonNodeOptions {
  /** A Python environment, which somebody else may be making still. */
  environment: string;
  /** Base URL of the web process. */
  gateway: string;
  token: string;
  /** Names this supervisor in the labels of its nodes. */
  group: string;
  log: Log;
}

const NAME = "python-node";
/** How often an environment that is not there is looked for, milliseconds. */
const LOOK_MS = 2_000;
/** A busy machine reads its libraries for long. */
const READY_MS = 120_000;
/** What a node in Python may see of our environment. */
const INHERITED = new Set([
  ...["PATH", "HOME", "LANG", "TMPDIR", "CUDA_VISIBLE_DEVICES"],
  ...["NODE_ENV", "NODE_DEVICE", "NODE_CACHE_BYTES"],
  ...["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS"],
]);

/**
 * The inference node in Python of this machine. It starts as soon as its environment is there, and
 * nothing waits for it.
 */
export function pythonNode(options: PythonNodeOptions): SupervisedProcess {
  const { environment, group, log } = options;
  let port = 0;
  return new SupervisedProcess(
    NAME,
    async () => {
      if (!isReady(environment))
        log.info({ environment }, "the Python node starts when its environment is made");
      while (!isReady(environment)) await sleep(LOOK_MS, undefined, { ref: false });
      // One that comes back at its address is the same node to everybody.
      port = await freePort(port);
      return start(options, port, `${FIRST_NODE_LABEL}=${group}`);
    },
    log,
  );
}

/** Python nodes beside that one, `max` at most, as the worker asks for them. */
export const furtherPythonNodes = (options: PythonNodeOptions, max: number): FurtherNodes =>
  new FurtherNodes({
    kind: "python",
    name: NAME,
    max,
    log: options.log,
    spawn: async (port) =>
      untilReady(await start(options, port, `${NODE_GROUP_LABEL}=${options.group}`)),
  });

const interpreterOf = (environment: string): string =>
  join(environment, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");

/** make_env.py writes its mark last. */
const isReady = (environment: string): boolean =>
  existsSync(interpreterOf(environment)) && existsSync(join(environment, ".modelyard-env.json"));

async function start(
  { environment, gateway, token }: PythonNodeOptions,
  port: number,
  label: string,
): Promise<ChildProcess> {
  const inherited = Object.entries(inheritedEnv()).filter(([name]) => INHERITED.has(name));
  const folder = join(productFolder, "trainers");
  const args = ["-s", "-m", "modelyard_node", "--register", gateway, "--label", label];
  const child = spawn(interpreterOf(environment), args, {
    cwd: folder,
    env: {
      ...(Object.fromEntries(inherited) as NodeJS.ProcessEnv),
      PYTHONPATH: folder,
      NODE_TOKEN: token,
      NODE_PORT: String(port),
      NODE_ENDS_WITH_PARENT: "1",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child, "spawn");
  return child;
}

/** It says its address once it answers. Rejects when it ends before, or takes too long. */
function untilReady(child: ChildProcess): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`${NAME} was not ready within ${READY_MS / 1000} s`));
    }, READY_MS);
    child.stdout?.once("data", () => {
      clearTimeout(timer);
      resolve(child);
    });
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`${NAME} ended before it was ready (${signal ?? code})`));
    });
  });
}
