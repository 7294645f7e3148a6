// Runs one trainer in the process group it leads, outlives the worker that started it, and writes
// down how the trainer ended. Plain JavaScript, so that any Node runs it as it is.
// argv: the launch file {folder, program, args, cwd, logFile, logBytesMax, timeLimitMs}.
import { spawn } from "node:child_process";
import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { setPriority } from "node:os";
import { join } from "node:path";

const GRACE_MS = 10_000;
const DRAIN_MS = 2_000;
const launch = JSON.parse(readFileSync(process.argv[2], "utf8"));
const file = (name) => join(launch.folder, name);

// A link appears whole or not at all, and once: of two launchers of one attempt only one goes on.
const draft = file(`launcher.${process.pid}`);
writeFileSync(draft, JSON.stringify({ pid: process.pid }), { mode: 0o600 });
try {
  linkSync(draft, file("launcher.json"));
} catch (error) {
  if (error.code !== "EEXIST") throw error;
  process.exit(0);
} finally {
  rmSync(draft, { force: true });
}

// Signals are meant for the trainer, which is in the same group.
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, () => undefined);
try {
  setPriority(0, 10);
} catch {
  // Politeness is not worth a failed job.
}

const log = openSync(launch.logFile, "a", 0o600);
let room = launch.logBytesMax;
let tail = "";
let timedOut = false;
let written = false;

function keep(chunk) {
  if (room <= 0) return;
  const part = chunk.subarray(0, room);
  room -= part.length;
  try {
    writeSync(log, part);
    if (room > 0) return;
    const mebibytes = Math.round((launch.logBytesMax / 1024 / 1024) * 10) / 10;
    writeSync(log, `\n[modelyard] log truncated: only the first ${mebibytes} MiB are kept\n`);
  } catch {
    // A full disk costs the log, not the training.
    room = 0;
  }
}

function finish(exitCode, signal) {
  if (written) return;
  written = true;
  const lines = tail.split(/[\r\n]+/).filter((line) => line.trim());
  const exit = {
    exitCode,
    signal,
    reason: timedOut ? "time_limit" : "exit",
    lastError: (lines.at(-1) ?? "").slice(0, 2000),
  };
  const temporary = openSync(file("exit.tmp"), "w", 0o600);
  writeSync(temporary, JSON.stringify(exit));
  fsyncSync(temporary);
  closeSync(temporary);
  closeSync(log);
  renameSync(file("exit.tmp"), file("exit.json"));
  // Whatever the trainer left behind goes with us.
  process.kill(-process.pid, "SIGKILL");
}

const child = spawn(launch.program, launch.args, {
  cwd: launch.cwd,
  stdio: ["ignore", "pipe", "pipe"],
});
child.stdout.on("data", keep);
child.stderr.on("data", (chunk) => {
  tail = (tail + chunk.toString("utf8")).slice(-8000);
  keep(chunk);
});
child.once("error", (error) => {
  tail = `The trainer cannot be started: ${error.message}`;
  keep(Buffer.from(`${tail}\n`));
  finish(127, null);
});
// Output of processes that outlive the trainer is not waited for.
child.once("exit", (code, signal) => setTimeout(() => finish(code, signal), DRAIN_MS));
child.once("close", finish);
if (child.pid) {
  writeFileSync(file("trainer.json"), JSON.stringify({ pid: child.pid }), { mode: 0o600 });
}

setTimeout(() => {
  timedOut = true;
  child.kill("SIGTERM");
  setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
}, launch.timeLimitMs);
