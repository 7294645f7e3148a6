import { AppError } from "@/server/kernel/errors";
import {
  type Filter,
  FilterError,
  type FilterLanguage,
  type Order,
  parseFilter,
  parseOrders,
} from "../filter";

/** A filter that came with a request. Throws validation_failed, the place in `details.position`. */
export const readFilter = (text: string, language: FilterLanguage): Filter | null =>
  asInput("filter", () => parseFilter(text, language));

/** The clauses of a sort that came with a request. Throws validation_failed. */
export const readOrders = (clauses: string[], language: FilterLanguage): Order[] =>
  asInput("orderBy", () => parseOrders(clauses, language));

function asInput<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    const { message, position } = error;
    throw new AppError("validation_failed", message, { issues: [{ path, message }], position });
  }
}
