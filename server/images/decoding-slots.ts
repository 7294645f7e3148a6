import { AppError } from "@/server/kernel/errors";

/** Images decoded at once; the thread pool of Node has four threads, and files need one too. */
const AT_ONCE = 3;
/** Images that may wait: those of one request of the largest kind, and some more. */
const WAITING_MAX = 1_200;

let running = 0;
const waiting: (() => void)[] = [];

/**
 * Runs `decode` when a slot is free, in the order of the calls. Throws unavailable when too many wait.
 */
export async function inSlot<T>(decode: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) {
    if (waiting.length >= WAITING_MAX) {
      throw new AppError("unavailable", "Too many images are being decoded. Try again soon.", {
        retryAfterSeconds: 1,
      });
    }
    // The slot is handed over: `running` stays as it is.
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else running += 1;
  try {
    return await decode();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}
