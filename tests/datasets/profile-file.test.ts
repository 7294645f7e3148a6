import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { profileFile } from "@/server/datasets/profile-file";
import { startProfileProcess } from "@/server/datasets/start-profile-process";
import { openDuck } from "@/server/kernel/process/duck";
import { createSlots } from "@/server/kernel/process/slots";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "test-profile-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let made = 0;
async function file(content: string) {
  made += 1;
  const path = join(folder, `file ' ${made}`);
  const spillFolder = join(folder, `spill ' ${made}`);
  await writeFile(path, content);
  await mkdir(spillFolder);
  return { path, spillFolder, fileName: "x.csv" };
}

const LIMITS = { timeoutMs: 60_000, memoryMb: 512, residentMb: 1_024, spillMb: 1_024 };
const started: ChildProcess[] = [];
/** A process that does `code` instead of reading the file. */
const doing = (code: string) => () => {
  const child = spawn(process.execPath, ["-e", code], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    serialization: "advanced",
  });
  started.push(child);
  return child;
};
const ended = async (child: ChildProcess | undefined) => {
  if (child && child.exitCode === null && child.signalCode === null) {
    await new Promise((resolve) => child.once("exit", resolve));
  }
  return child?.signalCode ?? child?.exitCode;
};

it("answers unavailable when the process crashes, exits early or cannot start", async () => {
  const task = await file("a\n1\n");
  for (const code of ["process.abort()", "process.exit(0)", "throw new Error('broken')"]) {
    await expect(profileFile(task, LIMITS, doing(code))).rejects.toMatchObject({
      code: "unavailable",
    });
  }
  const missing = () =>
    spawn(join(folder, "no-such-program"), { stdio: ["ignore", "ignore", "pipe", "ipc"] });
  await expect(profileFile(task, LIMITS, missing)).rejects.toMatchObject({ code: "unavailable" });
});

it("ends a process that hangs, deaf to everything but SIGKILL, and says what to do", async () => {
  const deaf = "process.on('SIGTERM', () => {}); for (;;) {}";
  const limits = { ...LIMITS, timeoutMs: 400 };
  await expect(profileFile(await file("a\n1\n"), limits, doing(deaf))).rejects.toMatchObject({
    code: "validation_failed",
    message: expect.stringContaining("0.4 seconds"),
  });
  expect(await ended(started.at(-1))).toBe("SIGKILL");
});

it("ends a process that takes more memory than it may", async () => {
  const greedy = "const all = []; setInterval(() => all.push(Buffer.alloc(64e6, 1)), 20)";
  const limits = { ...LIMITS, residentMb: 300 };
  await expect(profileFile(await file("a\n1\n"), limits, doing(greedy))).rejects.toMatchObject({
    code: "validation_failed",
    message: expect.stringContaining("300 MB"),
  });
  expect(await ended(started.at(-1))).toBe("SIGKILL");
});

it("goes on when the process floods its error output", async () => {
  const noisy = "process.stderr.write('x'.repeat(5e7), () => process.exit(1))";
  await expect(profileFile(await file("a\n1\n"), LIMITS, doing(noisy))).rejects.toMatchObject({
    code: "unavailable",
  });
});

it("says so when a table does not fit in the memory and disk it may take", async () => {
  const rows = Array.from({ length: 60_000 }, (_, i) => `${i}-${"x".repeat(200)}${i * 7919},${i}`);
  const task = await file(`a,b\n${rows.join("\n")}\n`);
  const limits = { ...LIMITS, memoryMb: 20, spillMb: 1 };
  await expect(profileFile(task, limits)).rejects.toMatchObject({
    code: "validation_failed",
    message: expect.stringContaining("memory"),
  });
});

it.runIf(process.platform === "linux")("gives the process none of our settings", async () => {
  process.env.MODELYARD_SECRET = "canary-canary-canary-canary-canary-1";
  const child = startProfileProcess();
  const environment = await readFile(`/proc/${child.pid}/environ`, "utf8");
  child.kill("SIGKILL");
  delete process.env.MODELYARD_SECRET;
  expect(environment).toContain("NODE_ENV=production");
  expect(environment).not.toMatch(/canary|DATABASE_URL|HOME=/);
});

it("lets the database read the one file and nothing else, for good", async () => {
  const task = await file("a\n1\n");
  const duck = await openDuck({ ...task, paths: [task.path], memoryMb: 256, spillMb: 64 });
  const other = await file("secret\n1\n");
  const read = (path: string) =>
    duck.rows(`select * from read_csv('${path.replaceAll("'", "''")}')`);
  try {
    expect(await read(task.path)).toHaveLength(1);
    await expect(read(other.path)).rejects.toThrow(/Permission/);
    await expect(read("/etc/passwd")).rejects.toThrow(/Permission/);
    await expect(read("http://127.0.0.1:1/x.csv")).rejects.toThrow();
    for (const sql of [
      "set enable_external_access = true",
      "set allowed_paths = ['/etc/passwd']",
      "reset lock_configuration",
      "install httpfs",
      "load httpfs",
      "attach '/tmp/other.db'",
      `copy (select 1) to '${folder}/written.csv'`,
      "pragma database_list; set threads = 64",
    ]) {
      await expect(duck.run(sql), sql).rejects.toThrow();
    }
  } finally {
    duck.close();
  }
});

it("runs so many at a time, lets so many wait and refuses the rest", async () => {
  const slots = createSlots(2, 3);
  let running = 0;
  let most = 0;
  const task = async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 20));
    running -= 1;
    if (running > 5) throw new Error("never");
    return "done";
  };
  const all = await Promise.allSettled(Array.from({ length: 8 }, () => slots(task)));
  expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
  expect(most).toBe(2);
  await expect(slots(() => Promise.reject(new Error("mine")))).rejects.toThrow("mine");
  expect(await slots(task)).toBe("done");
});
