import { invalidParameter } from "./errors";

/** Results of a page: when none are asked for, and the most that may be. */
interface PageSize {
  usual: number;
  most: number;
  /** A page holds no more than this; the token leads on. */
  held?: number;
}

export const REGISTERED_MODELS_PAGE: PageSize = { usual: 100, most: 1_000 };
export const MODEL_VERSIONS_PAGE: PageSize = { usual: 10_000, most: 200_000, held: 10_000 };

/** Throws INVALID_PARAMETER_VALUE for fewer than one and more than may be asked for. */
export function pageLimit(
  asked: number | undefined,
  { usual, most, held = most }: PageSize,
): number {
  const limit = asked ?? usual;
  if (limit < 1) {
    throw invalidParameter(
      `Invalid value for max_results. It must be a positive integer, but got ${limit}`,
    );
  }
  if (limit > most) {
    throw invalidParameter(
      `Invalid value for request parameter max_results. It must be at most ${most}, but got value ${limit}`,
    );
  }
  return Math.min(limit, held);
}
