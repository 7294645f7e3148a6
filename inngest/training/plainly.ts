import { NonRetriableError } from "inngest";
import { AppError } from "@/server/kernel/errors";
import type { Log } from "@/server/kernel/log";

/**
 * What trying again cannot mend is not tried again. Anything else is, and says nothing of its
 * inside: the message may end on the job, where people read it.
 */
export async function plainly<T>(log: Log, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof AppError && error.code === "unavailable") throw error;
    if (error instanceof AppError) throw new NonRetriableError(error.message);
    log.warn({ err: error }, "a step of a training job failed");
    throw new Error("The training could not be brought to its end: something broke on our side.");
  }
}
