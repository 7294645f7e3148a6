import type { ChildProcess } from "node:child_process";
import { startProcess } from "@/server/kernel/process/start-process";

/** Starts the process that reads one file. */
export const startProfileProcess = (): ChildProcess =>
  startProcess(import.meta.url, "profile-process");
