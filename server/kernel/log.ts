import pino, { type Logger } from "pino";

export type Log = Logger;

/** JSON lines on stdout; secrets never reach it because only named fields are logged. */
export function createLog(name: string, level: string): Log {
  return pino({ name, level, base: { name, pid: process.pid } });
}
