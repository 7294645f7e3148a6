import { parseAsString } from "nuqs";

export const auditSearchParams = {
  subject: parseAsString.withDefault(""),
  id: parseAsString.withDefault(""),
};
