import { createHash, randomUUID } from "node:crypto";
import { access, chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TrainingBackend, TrainingTask } from "@/server/training/backends/backend";
import { createLocalBackend } from "@/server/training/backends/local/local-backend";
import { startOf } from "@/server/training/backends/local/process-identity";

let folder: string;
let opened = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "modelyard-local-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const CONTENT = "a,b\n1,2\n";

/** A backend whose trainer is a shell line; the spec file is its first argument. */
const backendOf = (line: string, program = "sh"): TrainingBackend =>
  createLocalBackend({
    folder,
    command: (specFile) => ({
      program,
      args: ["-c", line, specFile],
      environment: { PATH: process.env.PATH ?? "" },
    }),
  });

const taskOf = (more: Partial<TrainingTask> = {}): TrainingTask => {
  const jobId = randomUUID();
  return {
    jobId,
    attempt: 1,
    spec: {
      jobId,
      algorithm: "x",
      task: null,
      target: "b",
      features: null,
      hyperparameters: {},
      validationSplit: 0.2,
      testSplit: 0.2,
      seed: 1,
      datasetName: "d",
    },
    dataset: {
      sha256: createHash("sha256").update(CONTENT).digest("hex"),
      format: "csv",
      delimiter: ",",
      open: async () => {
        opened += 1;
        return Readable.from([Buffer.from(CONTENT)]);
      },
    },
    environment: async () => ({ TOKEN: "t" }),
    timeLimitMs: 60_000,
    logBytesMax: 1_000_000,
    ...more,
  };
};

type Handle = Awaited<ReturnType<TrainingBackend["submit"]>>;

async function endOf(backend: TrainingBackend, handle: Handle) {
  for (let look = 0; look < 2_400; look++) {
    const status = await backend.status(handle);
    if (status.state === "ended") return status.exit;
    await new Promise((go) => setTimeout(go, 25));
  }
  throw new Error("It does not end");
}

const logOf = async (backend: TrainingBackend, handle: Handle) =>
  (await backend.logs(handle, 0, 1_000_000)).toString();

describe("submit", () => {
  it("starts an attempt once, however often and however close together it is asked to", async () => {
    const backend = backendOf("echo started; sleep 0.3; exit 3");
    const task = taskOf();
    const handles = await Promise.all([1, 2, 3, 4].map(() => backend.submit(task)));
    const [handle] = handles;
    if (!handle) throw new Error("no handle");
    expect(await endOf(backend, handle)).toMatchObject({ exitCode: 3, reason: "exit" });
    await backend.submit(task);
    expect(await logOf(backend, handle)).toBe("started\n");
  });

  it("gives the program its spec, its data by hash, its folder and its environment, all private", async () => {
    const backend = backendOf('cat "$0"; echo; pwd; ls -l "$0"; env | sort');
    const task = taskOf();
    const handle = await backend.submit(task);
    await endOf(backend, handle);
    const log = await logOf(backend, handle);
    const spec = JSON.parse(log.split("\n")[0] ?? "");
    expect(spec).toMatchObject({ jobId: task.jobId, target: "b", dataset: { format: "csv" } });
    expect(await readFile(spec.dataset.path, "utf8")).toBe(CONTENT);
    expect(log).toContain(spec.workDir);
    expect(log).toMatch(/-rw------- .*spec\.json/);
    expect(log).toContain("TOKEN=t");
    expect((await stat(join(folder, "jobs", task.jobId))).mode & 0o077).toBe(0);
  });

  it("copies a dataset once for many jobs, and never one whose bytes are not what was stored", async () => {
    const backend = backendOf("exit 0");
    const before = opened;
    for (let i = 0; i < 3; i++) await endOf(backend, await backend.submit(taskOf()));
    expect(opened - before).toBeLessThanOrEqual(1);
    const damaged = taskOf();
    damaged.dataset = { ...damaged.dataset, sha256: "a".repeat(64) };
    await expect(backend.submit(damaged)).rejects.toThrow(/bytes/);
    expect(await readdir(join(folder, "datasets"))).toEqual([taskOf().dataset.sha256]);
  });

  it("of a program that does not exist ends with a clear line", async () => {
    const backend = backendOf("", "no-such-program");
    const handle = await backend.submit(taskOf());
    expect(await endOf(backend, handle)).toMatchObject({ exitCode: 127 });
    expect(await logOf(backend, handle)).toMatch(/cannot be started: .*no-such-program/);
  });
});

describe("the end of a trainer", () => {
  it("is kept with its last words while nobody looks", async () => {
    const backend = backendOf("echo out; echo first >&2; echo 'last words' >&2; exit 64");
    const handle = await backend.submit(taskOf());
    await new Promise((go) => setTimeout(go, 600));
    const exit = await endOf(backendOf("unused"), handle);
    expect(exit).toEqual({ exitCode: 64, signal: null, reason: "exit", lastError: "last words" });
  });

  it("comes at the time limit, with everything it started", async () => {
    const backend = backendOf("sleep 600 & echo $!; wait");
    const handle = await backend.submit(taskOf({ timeLimitMs: 400 }));
    const exit = await endOf(backend, handle);
    expect(exit.reason).toBe("time_limit");
    const pid = Number(await logOf(backend, handle));
    await expect.poll(() => startOf(pid)).toBe("");
  });

  it("comes when its launcher is killed: the trainer is ended too and the attempt is lost", async () => {
    const keeper = backendOf('echo $$; while :; do sleep 0.1; done; : "$0"');
    const task = taskOf();
    const handle = await keeper.submit(task);
    await expect.poll(() => logOf(keeper, handle)).toMatch(/\d/);
    const attempt = join(folder, "jobs", task.jobId, "attempt-1");
    const { pid } = JSON.parse(await readFile(join(attempt, "launcher.json"), "utf8"));
    process.kill(pid, "SIGKILL");
    expect(await endOf(keeper, handle)).toMatchObject({ reason: "lost" });
    const trainer = Number(await logOf(keeper, handle));
    await expect.poll(() => startOf(trainer), { timeout: 30_000 }).toBe("");
  });

  it("is not read from a stranger that has its process id", async () => {
    const backend = backendOf("exit 0");
    const task = taskOf();
    const handle = await backend.submit(task);
    await endOf(backend, handle);
    const attempt = join(folder, "jobs", task.jobId, "attempt-1");
    await rm(join(attempt, "exit.json"));
    await chmod(join(attempt, "launcher.json"), 0o600);
    await writeFile(join(attempt, "launcher.json"), JSON.stringify({ pid: process.pid }));
    expect(await endOf(backend, handle)).toMatchObject({ reason: "lost" });
    await backend.cancel(handle, true);
  });
});

describe("cancel", () => {
  it("asks first; by force it ends what does not listen", async () => {
    const polite = backendOf("trap 'exit 143' TERM; echo up; while :; do sleep 0.05; done");
    const first = await polite.submit(taskOf());
    await expect.poll(() => logOf(polite, first)).toBe("up\n");
    await polite.cancel(first, false);
    expect(await endOf(polite, first)).toMatchObject({ exitCode: 143 });

    const deaf = backendOf("trap '' TERM; echo up; while :; do sleep 0.05; done");
    const second = await deaf.submit(taskOf());
    await expect.poll(() => logOf(deaf, second)).toBe("up\n");
    await deaf.cancel(second, false);
    await new Promise((go) => setTimeout(go, 300));
    expect(await deaf.status(second)).toEqual({ state: "running" });
    await deaf.cancel(second, true);
    expect(await endOf(deaf, second)).toMatchObject({ signal: "SIGKILL" });
    await deaf.cancel(second, true);
  });
});

it("keeps a released folder only when asked to, with a mark for upkeep", async () => {
  const backend = backendOf("exit 0");
  const task = taskOf();
  await endOf(backend, await backend.submit(task));
  await backend.release(task.jobId, true);
  await access(join(folder, "jobs", task.jobId, "finished"));
  await backend.release(task.jobId, false);
  await expect(access(join(folder, "jobs", task.jobId))).rejects.toThrow();
});
