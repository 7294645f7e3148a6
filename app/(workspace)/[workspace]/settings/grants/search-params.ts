import { parseAsBoolean, parseAsString } from "nuqs";

export const grantsSearchParams = {
  add: parseAsBoolean.withDefault(false),
  /** Id of the model a new grant is about, for links from its page. */
  model: parseAsString.withDefault(""),
};
