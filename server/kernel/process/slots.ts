import { AppError } from "../errors";

/** Runs at most `running` tasks at a time and lets `waiting` more wait; throws unavailable beyond. */
export function createSlots(running: number, waiting: number) {
  let free = running;
  const queue: (() => void)[] = [];
  return async <T>(task: () => Promise<T>): Promise<T> => {
    if (free === 0) {
      if (queue.length >= waiting) {
        throw new AppError("unavailable", "Too many files are being read. Try again soon.", {
          retryAfterSeconds: 10,
        });
      }
      await new Promise<void>((resolve) => queue.push(resolve));
    } else free -= 1;
    try {
      return await task();
    } finally {
      const next = queue.shift();
      if (next) next();
      else free += 1;
    }
  };
}
