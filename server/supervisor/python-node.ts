import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inheritedEnv } from "@/env";
import type { Log } from "@/server/kernel/log";
import { SupervisedProcess } from "./role-process";
import { productFolder } from "./start-script";

interface PythonNodeOptions {
  /** A Python environment, which somebody else may be making still. */
  environment: string;
  /** Base URL of the web process. */
  gateway: string;
  token: string;
  log: Log;
}

/** How often an environment that is not there is looked for, milliseconds. */
const LOOK_MS = 2_000;
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
  const { environment, log } = options;
  const interpreter = join(
    environment,
    process.platform === "win32" ? "Scripts/python.exe" : "bin/python",
  );
  return new SupervisedProcess(
    "python-node",
    async () => {
      if (!isReady(environment, interpreter))
        log.info({ environment }, "the Python node starts when its environment is made");
      while (!isReady(environment, interpreter)) await sleep(LOOK_MS, undefined, { ref: false });
      return start(interpreter, options);
    },
    log,
  );
}

/** make_env.py writes its mark last. */
const isReady = (environment: string, interpreter: string): boolean =>
  existsSync(interpreter) && existsSync(join(environment, ".modelyard-env.json"));

function start(interpreter: string, { gateway, token }: PythonNodeOptions): ChildProcess {
  const inherited = Object.entries(inheritedEnv()).filter(([name]) => INHERITED.has(name));
  const folder = join(productFolder, "trainers");
  return spawn(interpreter, ["-s", "-m", "modelyard_node", "--register", gateway], {
    cwd: folder,
    env: {
      ...(Object.fromEntries(inherited) as NodeJS.ProcessEnv),
      PYTHONPATH: folder,
      NODE_TOKEN: token,
      NODE_PORT: "0",
      NODE_ENDS_WITH_PARENT: "1",
    },
    stdio: ["ignore", "ignore", "inherit"],
  });
}
