import { AppError } from "@/server/kernel/errors";

/**
 * The answer, as long as somebody waits for it. Rejects with unavailable after `timeoutMs`
 * milliseconds and as soon as `signal` is aborted.
 */
export function untilAbandoned<T>(
  answer: Promise<T>,
  { timeoutMs, signal }: { timeoutMs?: number | undefined; signal?: AbortSignal | undefined },
): Promise<T> {
  if (timeoutMs === undefined && signal === undefined) return answer;
  return new Promise((resolve, reject) => {
    const give = (message: string) =>
      reject(new AppError("unavailable", message, { retryAfterSeconds: 1 }));
    const gone = () => give("The caller is gone.");
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => give("The model did not answer in time."), timeoutMs);
    if (signal?.aborted) gone();
    signal?.addEventListener("abort", gone, { once: true });
    answer.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", gone);
    });
  });
}
