import { createHash, createHmac } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { migrateDatabase } from "@/db/migrate";
import { type Env, EnvError, inheritedEnv } from "@/env";
import { newApiKey } from "@/server/access/api-key-format";
import { homeFolders, loadNodeToken, loadSecret } from "@/server/boot";
import { NODE_GROUP_LABEL } from "@/server/deployments/constants";
import { createLog, type Log } from "@/server/kernel/log";
import { bootstrapDatabase } from "./bootstrap";
import { freePort } from "./free-port";
import { FurtherNodes } from "./further-nodes";
import { EmbeddedServer } from "./postgres";
import { furtherPythonNodes, type PythonNodeOptions, pythonNode } from "./python-node";
import { SupervisedProcess } from "./role-process";
import { type ScriptName, startScript } from "./start-script";

const READY_MS = 60_000;
const STOP_MS = 10_000;

type Ours = SupervisedProcess | FurtherNodes;

export interface Running {
  url: string;
  signInUrl: string;
  firstStart: boolean;
  stop(): Promise<void>;
}

/** Starts the whole product: Postgres when embedded, migrations, then node, worker and web. */
export async function supervise(settings: Env, options: { dev: boolean }): Promise<Running> {
  const log = createLog("supervisor", settings.LOG_LEVEL);
  const folders = homeFolders(settings);
  await mkdir(folders.home, { recursive: true, mode: 0o711 });
  await takeHome(folders.home);
  const secret = await loadSecret(settings);
  const processes: Ours[] = [];
  const stop = async (): Promise<void> => {
    for (const one of processes) one.expectEnd();
    for (const one of [...processes].reverse()) await one.stop(STOP_MS);
    await rm(join(folders.home, "running.json"), { force: true });
    await rm(join(folders.home, "supervisor.pid"), { force: true });
  };
  try {
    const ownerUrl =
      settings.DATABASE_URL?.reveal() ??
      (await startPostgres(folders.postgres, secret, processes, log));
    const appUrl = await migrateDatabase(ownerUrl, secret, "db");
    const { signInToken, firstStart } = await bootstrapDatabase(
      ownerUrl,
      settings.MODELYARD_ADMIN_KEY?.reveal(),
      await loadLocalKey(folders.home),
    );
    const childEnv = await roleEnv(settings, appUrl, secret, options.dev);
    const python = settings.PYTHON_NODE && (await pythonOptions(settings, childEnv, log));
    const further = [furtherNodes(settings, childEnv, log)];
    if (python) further.push(furtherPythonNodes(python, settings.NODES_MAX - 1));
    const roles = (["node", "worker", "web"] as const).map(
      (name) =>
        new SupervisedProcess(
          name,
          async () => {
            const child = await startRole(name, childEnv);
            if (name !== "worker") return child;
            return child.on("message", (said) => {
              for (const one of further) one.hear(said);
            });
          },
          log,
        ),
    );
    processes.push(...further, ...roles);
    await Promise.all(roles.map((one) => one.start()));
    if (python) processes.push(startPythonNode(python));
    const url = `http://${settings.HOST.includes(":") ? `[${settings.HOST}]` : settings.HOST}:${childEnv.PORT}`;
    await writeFile(join(folders.home, "running.json"), JSON.stringify({ url }));
    return { url, signInUrl: `${url}/signin/link?token=${signInToken}`, firstStart, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const pythonOptions = async (
  settings: Env,
  childEnv: NodeJS.ProcessEnv,
  log: Log,
): Promise<PythonNodeOptions> => ({
  environment: settings.MODELYARD_PYTHON_ENV ?? homeFolders(settings).python,
  gateway: childEnv.NODE_REGISTER ?? "",
  token: await loadNodeToken(settings),
  group: groupOf(settings),
  log,
});

/** Nothing waits for it: its environment may take minutes to be made. */
function startPythonNode(options: PythonNodeOptions): SupervisedProcess {
  const one = pythonNode(options);
  one
    .start()
    .catch((error: unknown) => options.log.error({ err: error }, "the Python node does not start"));
  return one;
}

/** The nodes that the worker may ask for beside the first. */
function furtherNodes(settings: Env, childEnv: NodeJS.ProcessEnv, log: Log): FurtherNodes {
  return new FurtherNodes({
    kind: "node",
    name: "node",
    max: settings.NODES_MAX - 1,
    log,
    spawn: (port) => {
      const label = `${NODE_GROUP_LABEL}=${childEnv.NODE_GROUP}`;
      const env = { ...childEnv, HOST: "127.0.0.1", NODE_PORT: String(port) };
      return startRole("node", env, ["--label", label]);
    },
  });
}

/** The administrator key of this machine's command line, made once, readable by its owner only. */
async function loadLocalKey(home: string): Promise<string> {
  const path = join(home, "api-key");
  await writeFile(path, newApiKey().key, { mode: 0o600, flag: "wx" }).catch(() => undefined);
  return (await readFile(path, "utf8")).trim();
}

async function startPostgres(
  folder: string,
  secret: string,
  processes: Ours[],
  log: Log,
): Promise<string> {
  const password = createHmac("sha256", secret).update("postgres").digest("hex");
  const server = new EmbeddedServer(folder, await freePort(), password);
  await server.initialise();
  const one = new SupervisedProcess("postgres", () => server.start(), log, "SIGINT");
  processes.push(one);
  await one.start();
  return server.url;
}

async function roleEnv(
  settings: Env,
  appUrl: string,
  secret: string,
  dev: boolean,
): Promise<NodeJS.ProcessEnv> {
  const port = await wantedPort(settings.PORT);
  const nodePort = await freePort(settings.NODE_PORT);
  return {
    ...inheritedEnv(),
    NODE_ENV: dev ? "development" : "production",
    DATABASE_URL: appUrl,
    MODELYARD_SECRET: secret,
    PORT: String(port),
    NODE_PORT: String(nodePort),
    NODE_GROUP: groupOf(settings),
    NODE_URLS: settings.NODE_URLS ?? `http://127.0.0.1:${nodePort}`,
    NODE_REGISTER: settings.NODE_REGISTER ?? `http://${loopbackOf(settings.HOST)}:${port}`,
    MODELYARD_URL: settings.MODELYARD_URL ?? `http://127.0.0.1:${port}`,
    NEXTAUTH_SECRET: createHmac("sha256", secret).update("next-auth").digest("hex"),
    NEXTAUTH_URL: settings.MODELYARD_URL ?? `http://127.0.0.1:${port}`,
    // Where the public address is known, next-auth believes nothing else.
    ...(settings.MODELYARD_URL ? {} : { AUTH_TRUST_HOST: "1" }),
    NEXT_TELEMETRY_DISABLED: "1",
  };
}

/** The same at every start of an installation, so that what an earlier one registered is known. */
const groupOf = (settings: Env): string =>
  createHash("sha256")
    .update(`${hostname()} ${homeFolders(settings).home}`)
    .digest("hex")
    .slice(0, 12);

/** Where a process on this machine reaches what listens on HOST. */
const loopbackOf = (host: string): string =>
  ["0.0.0.0", "::"].includes(host) ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;

async function wantedPort(port: number): Promise<number> {
  const free = await freePort(port);
  if (port !== 0 && free !== port) {
    throw new EnvError(`Port ${port} is taken: stop what uses it, or set PORT to another.`);
  }
  return free;
}

/** Starts a role and waits for its word that it is ready. */
function startRole(name: ScriptName, childEnv: NodeJS.ProcessEnv, args: string[] = []) {
  const child = startScript(name, args, {
    env: childEnv,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  return new Promise<typeof child>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`${name} was not ready within ${READY_MS / 1000} s`));
    }, READY_MS);
    child.on("message", (said: { type?: unknown }) => {
      if (said.type !== "ready") return;
      clearTimeout(timer);
      resolve(child);
    });
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`${name} ended before it was ready (${signal ?? code})`));
    });
  });
}

/** One supervisor a home: two would start two servers on the same data. */
async function takeHome(home: string): Promise<void> {
  const path = join(home, "supervisor.pid");
  const pid = Number(await readFile(path, "utf8").catch(() => "0"));
  if (pid && pid !== process.pid && isAlive(pid)) {
    throw new EnvError(
      `Modelyard runs already on ${home} (process ${pid}). Stop it, or set MODELYARD_HOME to another folder.`,
    );
  }
  await writeFile(path, String(process.pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
