import { parseAsBoolean } from "nuqs";

export const apiKeysSearchParams = { create: parseAsBoolean.withDefault(false) };
