import type { Search } from "./conditions";
import type { Scope, Touched } from "./erase-rows";

/** One erasure under way. */
export interface Erasure {
  id: string;
  salt: Buffer;
  startedAt: Date;
  subjectDigest: string;
  search: Search;
  scope: Scope;
  touched: Map<string, Touched>;
  /** Accounts that other workspaces still need. */
  accountsKept: number;
}
