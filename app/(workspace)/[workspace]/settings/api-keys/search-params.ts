import { parseAsBoolean, parseAsString } from "nuqs";

export const apiKeysSearchParams = {
  create: parseAsBoolean.withDefault(false),
  /** Id of the key whose details are open. */
  key: parseAsString.withDefault(""),
};
