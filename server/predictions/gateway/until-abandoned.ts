import { CallerGone, type Departure } from "@/server/kernel/departure";
import { AppError } from "@/server/kernel/errors";

/**
 * The answer, as long as somebody waits for it. Rejects with unavailable after `timeoutMs`
 * milliseconds, and as CallerGone as soon as `signal` is aborted.
 */
export function untilAbandoned<T>(
  answer: Promise<T>,
  { timeoutMs, signal }: { timeoutMs?: number | undefined; signal?: Departure | undefined },
): Promise<T> {
  if (timeoutMs === undefined && signal === undefined) return answer;
  return new Promise((resolve, reject) => {
    const gone = () => reject(new CallerGone());
    const late = () =>
      reject(
        new AppError("unavailable", "The model did not answer in time.", { retryAfterSeconds: 1 }),
      );
    const timer = timeoutMs === undefined ? undefined : setTimeout(late, timeoutMs);
    if (signal?.aborted) gone();
    signal?.addEventListener("abort", gone, { once: true });
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", gone);
    };
    answer.then(
      (made) => {
        settle();
        resolve(made);
      },
      (error: unknown) => {
        settle();
        reject(error);
      },
    );
  });
}
