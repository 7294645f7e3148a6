import { execFile } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { promisify } from "node:util";

const run = promisify(execFile);

const ps = (column: string, pid: number): Promise<string> =>
  run("ps", ["-o", `${column}=`, "-p", String(pid)]).then(
    ({ stdout }) => stdout.trim(),
    () => "",
  );

/** The command line of a process; empty when there is none, or only its remains. */
export async function commandLine(pid: number): Promise<string> {
  if (process.platform !== "linux") return ps("command", pid);
  const raw = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return raw.replaceAll("\0", " ").trim();
}

/** When a process began, in a form that only equality is asked of; empty when it is gone. */
export async function startOf(pid: number): Promise<string> {
  if (process.platform !== "linux") return ps("lstart", pid);
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The command stands in parentheses and may hold anything; the start is the 22nd field.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" ? "" : (fields[19] ?? "");
}

/** Names the set of processes whose ids mean the same here: a host, or a container on it. */
function place(): string {
  try {
    return `${hostname()}:${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}:${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return hostname();
  }
}

/** Names this process among all workers there are and were. */
export async function ownName(): Promise<string> {
  return JSON.stringify([place(), process.pid, await startOf(process.pid)]);
}

/** True only when the process an owner name tells of ran here and is gone. */
export async function isDeadHere(owner: string): Promise<boolean> {
  try {
    const [where, pid, start] = JSON.parse(owner) as [string, number, string];
    return where === place() && (await startOf(pid)) !== start;
  } catch {
    return false;
  }
}
