import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { env } from "@/env";
import type { Api } from "./api";
import { ProgressBars } from "./progress";

interface Environment {
  status: string;
  progress: number;
  message: string;
}

/** The Python of the product's trainers, once its environment is made. */
export async function trainersPython(api: Api): Promise<string> {
  const bars = new ProgressBars();
  for (;;) {
    const { status, progress, message } = await api.get<Environment>("/training-environment");
    if (status === "failed") throw new Error(message);
    if (status === "ready") break;
    bars.draw([{ label: "Python environment of the trainers", fraction: progress, note: message }]);
    await sleep(500);
  }
  const settings = env();
  const folder = settings.MODELYARD_PYTHON_ENV ?? join(resolve(settings.MODELYARD_HOME), "python");
  return join(folder, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
}
