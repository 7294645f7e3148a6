/**
 * What happens to a column where a subject is found:
 * - `row`: the row is about the subject and goes.
 * - `log`: a line of the prediction log; it goes, and a search may be limited to named fields.
 * - `name`: a person's name by itself; it becomes a pseudonym, as do mentions inside it.
 * - `actor`: JSON that says who did something.
 * - `text`, `json`: mentions become a pseudonym.
 * - `output`: as text, but its length in bytes stays.
 * - `member`: an account's id in a membership, which ends.
 * - `maker`: an account's id a credential acts for; the credential is revoked.
 * - `detach`: an account's id that is taken away.
 * - `account`: kept outside of workspaces; goes with the account.
 * - `chain`: cannot change without breaking the audit chain; it holds ids and words, never a name.
 */
export type Treatment =
  | "row"
  | "log"
  | "name"
  | "actor"
  | "text"
  | "json"
  | "output"
  | "member"
  | "maker"
  | "detach"
  | "account"
  | "chain";

/**
 * Why a column holds no personal data:
 * - `word`: a word of the product's own.
 * - `reference`: an id, key or slug of a thing.
 * - `digest`: a hash or salt.
 * - `sealed`: encrypted; its plain text is not kept with its key.
 * - `setting`: how the workspace or the executor is set up.
 * - `schema`: what a model or measure is called by programs.
 * - `numbers`: packed measurements.
 * - `derived`: made by the database from a column beside it, and gone with what was in that.
 */
export type Reason =
  | "word"
  | "reference"
  | "digest"
  | "sealed"
  | "setting"
  | "schema"
  | "numbers"
  | "derived";

/** How rows belong to a workspace; `account` rows belong to none. */
export type Reach =
  | "workspace"
  | "self"
  | "account"
  | "event"
  | "run-of-event"
  | "step-of-run"
  | "executor";

export interface TableEntry {
  reach: Reach;
  personal: Record<string, Treatment>;
  plain: Record<string, Reason>;
}

/** Table name, with its schema where that is not `public`, to what it holds. */
export type Catalogue = Record<string, TableEntry>;

/** An entry of a tenant table. */
export const tenant = (
  personal: TableEntry["personal"],
  plain: TableEntry["plain"] = {},
): TableEntry => ({ reach: "workspace", personal, plain });
