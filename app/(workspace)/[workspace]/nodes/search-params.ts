import { parseAsStringLiteral } from "nuqs";

export const nodesSearchParams = {
  show: parseAsStringLiteral(["add"]),
};
