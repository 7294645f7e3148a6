import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { type EnvironmentDto, environmentDto } from "./schemas";

const UNKNOWN: EnvironmentDto = {
  status: "preparing",
  progress: 0,
  message: "The worker has not begun to prepare the Python environment yet.",
};

/** What the worker last wrote about the Python environment; web processes read it from here. */
export async function readEnvironmentState(file: string): Promise<EnvironmentDto> {
  try {
    return environmentDto.parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    return UNKNOWN;
  }
}

/** Replaces the file whole, so that no reader meets half of it. */
export async function writeEnvironmentState(file: string, state: EnvironmentDto): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, JSON.stringify(state), { mode: 0o600 });
  await rename(temporary, file);
}
