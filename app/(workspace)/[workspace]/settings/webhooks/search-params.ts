import { parseAsString, parseAsStringLiteral } from "nuqs";
import { DELIVERY_STATUSES } from "@/server/webhooks/constants";

export const webhooksSearchParams = {
  /** The dialog that is open; all but create are about `webhook`. */
  show: parseAsStringLiteral(["create", "edit", "test", "deliveries"]),
  webhook: parseAsString.withDefault(""),
  /** Only deliveries that ended so. */
  status: parseAsStringLiteral(["any", ...DELIVERY_STATUSES]).withDefault("any"),
};
