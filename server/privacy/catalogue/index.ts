import type { Catalogue } from "./entry";
import { EXECUTOR } from "./executor";
import { MODELS } from "./models";
import { PEOPLE } from "./people";
import { TRACKING } from "./tracking";
import { TRAIL } from "./trail";

export type { Catalogue, TableEntry, Treatment } from "./entry";

/**
 * Every column that can hold text, of every table: what an erasure does to it, or why it holds no
 * personal data. A test holds it against the database.
 */
export const CATALOGUE: Catalogue = {
  ...PEOPLE,
  ...TRAIL,
  ...TRACKING,
  ...MODELS,
  ...EXECUTOR,
};
